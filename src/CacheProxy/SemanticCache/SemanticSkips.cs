using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache;

/// <summary>Which of the stage's reasons the client is told.</summary>
public static class SemanticSkips
{
    /// <returns><see cref="SemanticSkip.None"/> for a look-up, and where the client knows or need not know: it said so itself, or asked nothing in words.</returns>
    public static SemanticSkip ToSkip(this SemanticReason reason) => reason switch
    {
        SemanticReason.TooLong => SemanticSkip.TooLong,
        SemanticReason.CodeHeavy => SemanticSkip.CodeHeavy,
        SemanticReason.ToolResults => SemanticSkip.ToolResults,
        SemanticReason.NonTextContent => SemanticSkip.NonTextContent,
        SemanticReason.HiddenText => SemanticSkip.HiddenText,
        SemanticReason.Language => SemanticSkip.Language,
        SemanticReason.TemplateTimeout => SemanticSkip.TemplateTimeout,
        SemanticReason.ExactOnly => SemanticSkip.ExactOnly,
        _ => SemanticSkip.None,
    };
}
