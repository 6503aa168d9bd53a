using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// Another language, programming language, platform, format, length or level of the answer. Named in the place of another it is another request;
/// named on one side only, it is one where that is all the difference, or the wording asks for it: "in Spanish", "as a table", "using Rust".
/// </summary>
public sealed class RequestedFormGuard : ISemanticGuard
{
    private static readonly SenseTable Forms = new("""
        english | spanish | french | german | italian | portuguese | dutch | russian | chinese mandarin cantonese | japanese | korean | arabic | hindi | turkish | swedish | danish | norwegian | finnish | greek | latin | hebrew | polish | czech | hungarian | vietnamese | thai | indonesian | urdu | bengali | ukrainian
        python | java | javascript | typescript | golang | rust | ruby | php | perl | kotlin | scala | haskell | swift | matlab | lua | dart | bash | powershell | sql | julia | fortran | cobol | elixir | clojure | erlang
        react | angular | vue | svelte | django | flask | rails | spring | laravel | express | pandas | numpy | pytorch | tensorflow | jquery | fastapi
        linux | windows | mac macos | ubuntu | debian | fedora | android | ios iphone | ipad | chrome | firefox | safari
        mysql | postgres postgresql | sqlite | mongodb | redis | oracle | cassandra | mariadb
        aws | azure | gcp
        rest | graphql | grpc | soap
        git | svn | mercurial
        docker | kubernetes | podman
        json | yaml | xml | csv | html | markdown | latex | pdf | toml
        table | bullet bulleted | numbered | diagram | chart | graph | outline | list
        haiku | sonnet | limerick | exercise exercises | proof | pseudocode | analogy | poem | essay | story | song | rap | letter | tweet | speech | article | slogan | script | novel | email | blog
        summary summarize | full | detail detailed depth thorough thoroughly comprehensive comprehensively
        brief briefly short shortly concise concisely | long lengthy detailed
        simple simply simpler beginner eli5 layman laymen kid | advanced expert technical mathematical mathematics math
        funny humorous | serious | sad | happy | polite | rude | romantic | scary | persuasive | professional | casual
        formal formally | informal informally
        example examples
        """);

    private const int AskedForGroups = 10;
    private const int FirstOfManner = 12;

    public string Name => "requested-form";

    public bool Vetoes(TextPair pair)
        => Forms.Replaced(pair.Left, pair.Right, Names) || OneSided(pair.Left, pair.Right) || OneSided(pair.Right, pair.Left)
            || (pair.OnlyRight.Count == 0 && pair.OnlyLeft.Any(IsForm)) || (pair.OnlyLeft.Count == 0 && pair.OnlyRight.Any(IsForm));

    // "Explain gravity", "Explain gravity briefly": all that one adds is how.
    private static bool IsForm(QuestionToken token) => token.Lower is not ("long" or "full") && Forms.SenseOf(token) is { Group: >= FirstOfManner };

    // Languages that are also common words or verbs count only when capitalised inside a sentence, as they are written.
    private static bool Names(QuestionToken token)
        => token.Kind is TokenKind.Word && (token.Lower is not ("polish" or "swift" or "spring" or "express" or "oracle" or "rest" or "rust")
            || (token.IsCapitalised && !token.StartsSentence));

    // "... in French", "as a table", "use Go": what one asks for and the other does not mention at all.
    private static bool OneSided(QuestionText text, QuestionText other)
    {
        for (int i = 1; i < text.Tokens.Count; i++)
        {
            QuestionToken token = text.Tokens[i];
            bool isGo = token.Lower == "go" && token.IsCapitalised && !token.StartsSentence;
            if ((isGo || (Names(token) && Forms.SenseOf(token) is { Group: < AskedForGroups + 1 })) && IsAskedFor(text, i) && !Mentions(other, token, isGo))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Mentions(QuestionText text, QuestionToken token, bool isGo)
        => text.HasWord(token.Lower) || text.ContentStems.Contains(token.Stem) || (isGo && text.HasWord("golang"));

    private static bool IsAskedFor(QuestionText text, int at)
    {
        string before = text.Tokens[at - 1].Lower is "a" or "an" or "the" or "plain" or "bullet" && at > 1 ? text.Tokens[at - 2].Lower : text.Tokens[at - 1].Lower;
        return before is "in" or "into" or "to" or "as" or "using" or "use" or "with" or "on";
    }
}
