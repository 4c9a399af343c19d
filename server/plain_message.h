/* Messages for clients: where things lie on this machine is not their business. */
#ifndef SERVER_PLAIN_MESSAGE_H
#define SERVER_PLAIN_MESSAGE_H

/* Takes `folder` (absolute; others are left) out of the message, in place: FOLDER/x becomes x, FOLDER alone
 * its last name. NULL folder: nothing. */
void plain_message(char *message, const char *folder);

struct settings;
/* The same for every folder of the settings, as it is set and as it is in truth. */
void plain_message_of(char *message, const struct settings *settings);

#endif
