"""What charts of many runs show, as Vega-Lite specifications; how they look is said in `gantt` and `axes`."""
