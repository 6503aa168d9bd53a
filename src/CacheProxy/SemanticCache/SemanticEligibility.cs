using CacheProxy.SemanticCache.Questions;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache;

/// <summary>Whether a question may be looked up and indexed at all. What encoder and verifier cannot judge goes by.</summary>
public static class SemanticEligibility
{
    // A letter or two is an answer or a slip, and to an encoder much like any other.
    private const int MinimumLetters = 3;

    private static readonly string[] TestedLanguages = ["en"];

    /// <returns><see cref="SemanticReason.None"/> when it may; then <paramref name="question"/> is set.</returns>
    public static SemanticReason Check(SemanticQuery query, SemanticOptions options, out QuestionText? question)
    {
        question = null;
        if (!options.IsAnyOn)
        {
            return SemanticReason.PolicyOff;
        }

        if (query.Wish.IsOff)
        {
            return SemanticReason.ClientOptOut;
        }

        if (query.Unfit != SemanticReason.None)
        {
            return query.Unfit;
        }

        if (query.Text is not { } text)
        {
            return SemanticReason.NoQuestion;
        }

        return CheckText(text, options, out question);
    }

    /// <summary>The rules for a text, whatever request it comes from.</summary>
    /// <returns><see cref="SemanticReason.None"/> when it may be compared; then <paramref name="question"/> is set.</returns>
    public static SemanticReason CheckText(string text, SemanticOptions options, out QuestionText? question)
    {
        question = null;
        if (string.IsNullOrWhiteSpace(text))
        {
            return SemanticReason.EmptyText;
        }

        if (text.Length > options.MaximumCharacters)
        {
            return SemanticReason.TooLong;
        }

        if (CodeDetector.IsCode(text))
        {
            return SemanticReason.CodeHeavy;
        }

        if (HiddenText.IsIn(text))
        {
            return SemanticReason.HiddenText;
        }

        var read = new QuestionText(text);
        if (read.Content.Count == 0 || text.Count(char.IsLetterOrDigit) < MinimumLetters)
        {
            // "What is it?", "k", emoji, punctuation: nothing that two questions could have in common.
            return SemanticReason.EmptyText;
        }

        if (!IsTested(read, options.Languages is { Length: > 0 } languages ? languages : TestedLanguages))
        {
            return SemanticReason.Language;
        }

        question = read;
        return SemanticReason.None;
    }

    private static bool IsTested(QuestionText text, string[] languages)
        => text.Script == Script.Latin && (LanguageDetector.Detect(text) is var language && (language == LanguageDetector.Unknown || languages.Contains(language)));
}
