"""Files of checks as their authors write them: read as syntax trees, never executed. What an author can get wrong there."""
