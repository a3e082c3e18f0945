"""What the Theory page works with: its slow jobs, its words, and the certificate of the Adapt page's fit."""
