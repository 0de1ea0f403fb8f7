/* A library like any other. */
int AnswerToEverything(void);
int AnswerToEverything(void) {
  return 42;
}
