/** Colours of curves: distinguishable on light and dark paper, and by the colour-blind (Okabe and Ito 2008). */
export const PLOT_COLORS = ["#0072b2", "#e69f00", "#d55e00", "#cc79a7", "#009e73", "#56b4e9"] as const;
