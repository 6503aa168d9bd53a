using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache;

/// <summary>Whether a question may be looked up and indexed at all. What encoder and verifier cannot judge goes by.</summary>
public static class SemanticEligibility
{
    private static readonly string[] TestedLanguages = ["en"];

    /// <returns><see cref="SemanticReason.None"/> when it may; then <paramref name="question"/> is set.</returns>
    public static SemanticReason Check(SemanticQuery query, SemanticOptions options, out QuestionText? question)
    {
        question = null;
        if (options.Policy == SemanticOptions.OffPolicy)
        {
            return SemanticReason.PolicyOff;
        }

        if (query.Wish.IsOff)
        {
            return SemanticReason.ClientOptOut;
        }

        if (query.Text is not { } text)
        {
            return SemanticReason.NoQuestion;
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            return SemanticReason.EmptyText;
        }

        return text.Length > options.MaximumCharacters ? SemanticReason.TooLong : CheckText(text, options, out question);
    }

    private static SemanticReason CheckText(string text, SemanticOptions options, out QuestionText? question)
    {
        question = null;
        if (IsCode(text))
        {
            return SemanticReason.CodeHeavy;
        }

        var read = new QuestionText(text);
        if (read.Content.Count == 0)
        {
            // "What is it?", emoji, punctuation: nothing that two questions could have in common.
            return SemanticReason.EmptyText;
        }

        if (!IsTested(read, options.Languages is { Length: > 0 } languages ? languages : TestedLanguages))
        {
            return SemanticReason.Language;
        }

        question = read;
        return SemanticReason.None;
    }

    // A fence, or several lines that end like statements.
    private static bool IsCode(string text)
    {
        if (text.Contains("```", StringComparison.Ordinal))
        {
            return true;
        }

        int statements = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            ReadOnlySpan<char> trimmed = line.TrimEnd();
            statements += trimmed.Length > 0 && trimmed[^1] is ';' or '{' or '}' ? 1 : 0;
        }

        return statements >= 2;
    }

    private static bool IsTested(QuestionText text, string[] languages)
        => text.Script == Script.Latin && (LanguageDetector.Detect(text) is var language && (language == LanguageDetector.Unknown || languages.Contains(language)));
}
