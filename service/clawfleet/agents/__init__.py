"""Who answers: runs, lanes and the one turn loop."""
