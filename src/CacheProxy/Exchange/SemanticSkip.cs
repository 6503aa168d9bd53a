namespace CacheProxy.Exchange;

/// <summary>Why a request that the cache may answer was not looked up by its meaning. The snake_case name stands in <c>detail=semantic-…</c> of Cache-Status.</summary>
public enum SemanticSkip
{
    None,
    TooLong,
    CodeHeavy,
    ToolResults,
    NonTextContent,

    /// <summary>It holds characters that show nothing.</summary>
    HiddenText,

    /// <summary>Its language is none that the verifier was tested on.</summary>
    Language,

    /// <summary>A template of <c>Semantic:Templates</c> took too long over it.</summary>
    TemplateTimeout,

    /// <summary>The scope's semantic hits were wrong too often: it gets exact ones only until somebody resumes it.</summary>
    ExactOnly,
}
