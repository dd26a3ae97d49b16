"""`make bench`: how fast Fieldhook is, as ratios to plainer programs measured beside it in the same run."""
