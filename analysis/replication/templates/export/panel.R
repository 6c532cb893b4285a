# Reads $csv with its labels; needs nothing but R itself.
#
#   source("$script")     # gives the data frame `panel`
#   attr(panel$$$example, "label")
#
# The labels are kept as the attribute "label" of each column, where haven, labelled, Hmisc and
# RStudio look for them.

panel <- local({
  here <- "."
  for (frame in sys.frames()) {
    if (!is.null(frame$$ofile)) here <- dirname(frame$$ofile)
  }
  kinds <- c(unit = "character", year = "integer")
  data <- read.csv(file.path(here, "$csv"), colClasses = kinds, na.strings = "",
                   check.names = FALSE, encoding = "UTF-8")
  labels <- read.csv(file.path(here, "$labels"), colClasses = "character",
                     na.strings = character(0), encoding = "UTF-8")
  for (row in seq_len(nrow(labels))) {
    name <- labels$$variable[row]
    attr(data[[name]], "label") <- labels$$label[row]
    attr(data[[name]], "measured_in") <- labels$$measured_in[row]
  }
  attr(data, "title") <- "$title"
  attr(data, "data_sha256") <- "$sha256"
  data
})
