"""What Runoff knows and decides. Knows no Dash, no plotly, no Flask."""
