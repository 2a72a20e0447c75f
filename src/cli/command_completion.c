/*
 * `sallyport completion`: a script for a shell, with a row of the tables of the command line in
 * each of its lines. Words that it offers come from rows alone, so that none can be missing.
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "command.h"

/* What an option or an operand is followed by, by the capitals in its help. */
enum completed { COMPLETED_NOTHING, COMPLETED_FILES, COMPLETED_FREELY };

static bool takes_option(const struct command_row *command, const struct command_option_row *option)
{
    return (command->options & option->bit) != 0 || option->bit == ~0U;
}

static enum completed completed_after(const struct command_option_row *option)
{
    if (option->option.has_arg != required_argument) {
        return COMPLETED_NOTHING;
    }
    return strstr(option->help, " FILE ") != NULL || strstr(option->help, " PATH ") != NULL
               ? COMPLETED_FILES
               : COMPLETED_FREELY;
}

/* Whether the row shows the letter; some are for getopt_long() alone. */
static bool has_letter(const struct command_option_row *option)
{
    return option->help[0] == '-' && option->help[1] != '-';
}

static const char *description_of(const struct command_option_row *option)
{
    const char *start = option->help + strspn(option->help, " ");
    const char *end = strstr(start, "  ");
    return end == NULL ? "" : end + strspn(end, " ");
}

/* The words in "one | two NAME..."; none in "FILE...". */
static struct bytes take_word(struct bytes *operand)
{
    size_t length = bytes_find(*operand, '|');
    struct bytes word = bytes_trim(bytes_slice(*operand, 0, length));
    word = bytes_slice(word, 0, bytes_find(word, ' '));
    *operand = bytes_slice(*operand, length + 1, operand->length);
    bool is_name = word.length > 0 && word.at[0] >= 'A' && word.at[0] <= 'Z';
    return is_name ? (struct bytes){0} : word;
}

/* format takes a length and the word. */
static void print_words(const struct command_row *command, const char *format)
{
    struct bytes rest = bytes_from_string(command->operand == NULL ? "" : command->operand);
    while (rest.length > 0) {
        struct bytes word = take_word(&rest);
        if (word.length > 0) {
            (void)printf(format, (int)word.length, (const char *)word.at);
        }
    }
}

/* bash */

static void print_bash_options(const struct command_row *command)
{
    for (size_t i = 0; i < cli_commands.option_count; i++) {
        const struct command_option_row *option = &cli_commands.options[i];
        if (takes_option(command, option)) {
            if (has_letter(option)) {
                (void)printf(" -%c", option->option.val);
            }
            (void)printf(" --%s", option->option.name);
        }
    }
}

static void print_bash_arguments(enum completed completed, const char *reaction)
{
    for (size_t i = 0; i < cli_commands.option_count; i++) {
        const struct command_option_row *option = &cli_commands.options[i];
        if (completed_after(option) != completed) {
            continue;
        }
        (void)printf("    ");
        if (has_letter(option)) {
            (void)printf("-%c|", option->option.val);
        }
        (void)printf("--%s) %s ;;\n", option->option.name, reaction);
    }
}

static void print_bash(void)
{
    (void)fputs("# Completes the command line of sallyport in bash.\n"
                "_sallyport()\n{\n"
                "    local current=${COMP_WORDS[COMP_CWORD]} options= words=\n"
                "    COMPREPLY=()\n"
                "    case ${COMP_WORDS[COMP_CWORD-1]} in\n",
                stdout);
    print_bash_arguments(COMPLETED_FILES, "return");
    print_bash_arguments(COMPLETED_FREELY, "compopt +o default; return");
    (void)fputs("    esac\n    case $COMP_CWORD,${COMP_WORDS[1]} in\n    1,*) words='", stdout);
    for (size_t i = 0; i < cli_commands.command_count; i++) {
        (void)printf("%s ", cli_commands.commands[i].name);
    }
    (void)fputs("help' options='--help --version' ;;\n", stdout);
    for (size_t i = 0; i < cli_commands.command_count; i++) {
        const struct command_row *command = &cli_commands.commands[i];
        (void)printf("    *,%s) options='", command->name);
        print_bash_options(command);
        (void)fputs("' words='", stdout);
        print_words(command, " %.*s");
        (void)fputs("' ;;\n", stdout);
    }
    (void)fputs(
        "    esac\n"
        "    case $current in\n    -*) words=$options ;;\n    esac\n"
        "    [ -z \"$words\" ] || mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
        "}\n"
        "complete -o default -F _sallyport sallyport\n",
        stdout);
}

/* zsh */

/* In single quotes, where brackets and colons mean something to _arguments and _describe. */
static void print_zsh_text(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            (void)fputs("'\\'", stdout);
        } else if (strchr("[]:\\", *text) != NULL) {
            (void)fputc('\\', stdout);
        }
        (void)fputc(*text, stdout);
    }
}

static void print_zsh_option(const struct command_option_row *option, bool is_letter)
{
    static const char *const followers[] = {[COMPLETED_NOTHING] = "",
                                            [COMPLETED_FILES] = ":file:_files",
                                            [COMPLETED_FREELY] = ":value:"};
    if (is_letter) {
        (void)printf(" \\\n            '-%c[", option->option.val);
    } else {
        (void)printf(" \\\n            '--%s[", option->option.name);
    }
    print_zsh_text(description_of(option));
    (void)printf("]%s'", followers[completed_after(option)]);
}

static void print_zsh_command(const struct command_row *command)
{
    (void)printf("    %s)\n        _arguments", command->name);
    for (size_t i = 0; i < cli_commands.option_count; i++) {
        const struct command_option_row *option = &cli_commands.options[i];
        if (takes_option(command, option) && has_letter(option)) {
            print_zsh_option(option, true);
        }
        if (takes_option(command, option)) {
            print_zsh_option(option, false);
        }
    }
    if (command->operand != NULL) {
        bool is_free = command->operand[0] >= 'A' && command->operand[0] <= 'Z';
        (void)fputs(is_free ? " \\\n            '*:file:_files" : " \\\n            '1:word:(",
                    stdout);
        print_words(command, " %.*s");
        (void)fputs(is_free ? "'" : ")'", stdout);
    }
    (void)fputs(" ;;\n", stdout);
}

static void print_zsh(void)
{
    (void)fputs("#compdef sallyport\n# Completes the command line of sallyport in zsh.\n"
                "_sallyport()\n{\n    local -a commands=(\n",
                stdout);
    for (size_t i = 0; i < cli_commands.command_count; i++) {
        (void)printf("        '%s:", cli_commands.commands[i].name);
        print_zsh_text(cli_commands.commands[i].summary);
        (void)fputs("'\n", stdout);
    }
    (void)fputs("    )\n    if (( CURRENT == 2 )); then\n"
                "        _describe command commands\n        return\n    fi\n"
                "    shift words\n    (( CURRENT-- ))\n    case $words[1] in\n",
                stdout);
    for (size_t i = 0; i < cli_commands.command_count; i++) {
        print_zsh_command(&cli_commands.commands[i]);
    }
    (void)fputs("    esac\n}\n"
                "if [ \"$funcstack[1]\" = _sallyport ]; then\n    _sallyport \"$@\"\n"
                "else\n    compdef _sallyport sallyport\nfi\n",
                stdout);
}

/* clang-format off */
static const struct {
    const char *name;
    void (*print)(void);
} shells[] = {
    {"bash", print_bash},
    {"zsh",  print_zsh},
};
/* clang-format on */

int command_completion(const struct command_arguments *arguments)
{
    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
        if (arguments->operand != NULL && strcmp(arguments->operand, shells[i].name) == 0) {
            shells[i].print();
            return CLI_DONE;
        }
    }
    (void)fprintf(stderr, "sallyport completion: say `bash` or `zsh`\n");
    return CLI_WRONG_USAGE;
}
