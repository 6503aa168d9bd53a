using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// Another language, programming language, platform, format, length or level of the answer. Named on one side only, it is another request too.
/// </summary>
public sealed class RequestedFormGuard : ISemanticGuard
{
    private static readonly SenseTable Forms = new("""
        !english | spanish | french | german | italian | portuguese | dutch | russian | chinese mandarin cantonese | japanese | korean | arabic | hindi | turkish | swedish | danish | norwegian | finnish | greek | latin | hebrew | polish | czech | hungarian | vietnamese | thai | indonesian | urdu | bengali | ukrainian
        !python | java | javascript | typescript | golang | rust | ruby | php | perl | kotlin | scala | haskell | swift | matlab | lua | dart | bash | powershell | sql | julia | fortran | cobol | elixir | clojure | erlang
        !react | angular | vue | svelte | django | flask | rails | spring | laravel | express | pandas | numpy | pytorch | tensorflow | jquery
        !linux | windows | mac macos | ubuntu | debian | fedora | android | ios iphone | ipad | chrome | firefox | safari
        !mysql | postgres postgresql | sqlite | mongodb | redis | oracle
        !aws | azure | gcp
        !rest | graphql | grpc | soap
        !git | svn | mercurial
        !json | yaml | xml | csv | html | markdown | latex | pdf | toml
        !table | bullet bulleted | numbered | diagram | chart | graph | outline
        !haiku | sonnet | limerick | poem | essay | story | song | rap | letter | tweet | speech | article | paragraph | slogan | script | novel | lyrics
        !summary summarize | full | detail detailed depth thorough thoroughly comprehensive comprehensively
        !brief briefly short shortly concise concisely | long lengthy
        !simple simply simpler beginner eli5 layman laymen kid | advanced expert technical mathematical mathematics math
        !example examples | exercise exercises | proof | code | pseudocode | analogy
        !funny humorous | serious | sad | happy | polite | rude | romantic | scary | persuasive | professional | casual
        !pirate | shakespeare | rhyme
        """);

    // Languages that are also common words or verbs count only when capitalised inside a sentence, as they are written.
    private static bool Names(QuestionToken token)
        => token.Kind is TokenKind.Word && (token.Lower is not ("polish" or "swift" or "spring" or "express" or "oracle" or "rest" or "rust")
            || (token.IsCapitalised && !token.StartsSentence));

    public string Name => "requested-form";

    public bool Vetoes(QuestionText cached, QuestionText asked)
        => Forms.Differ(cached, asked, Names) || !NamesGo(cached).SetEquals(NamesGo(asked));

    // "Go" the language, not the verb: capitalised inside a sentence.
    private static HashSet<string> NamesGo(QuestionText text)
        => [.. text.Tokens.Where(t => t.Lower is "go" or "golang" && (t.Lower == "golang" || (t.IsCapitalised && !t.StartsSentence))).Select(_ => "go")];
}
