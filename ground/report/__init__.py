"""``report.html``: one file that opens in any browser without a network, zoomable, every text from outside escaped."""
