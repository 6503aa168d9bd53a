using System.Text.RegularExpressions;

namespace CacheProxy.Ledger.Findings;

/// <summary>Names the kind of a differing text by what it is part of: the day in <c>22 November 2026</c> is a date, not a number.</summary>
internal static partial class VolatileClassifier
{
    // The text is a few dozen characters. Wall time: a busy machine may take a thread away for long.
    private const int PatienceMilliseconds = 1000;

    private static readonly (VolatileClass Class, Regex Pattern)[] Patterns =
    [
        (VolatileClass.Identifier, Uuid()), (VolatileClass.DateTime, Dates()), (VolatileClass.DateTime, NamedDates()), (VolatileClass.DateTime, UnixTime()),
        (VolatileClass.Identifier, Mixed()), (VolatileClass.Number, Digits()),
    ];

    /// <param name="text">The surroundings.</param>
    /// <param name="start">Where in it the differing text begins.</param>
    /// <param name="length">Its characters; 0: something was left out here.</param>
    public static VolatileClass Classify(string text, int start, int length)
    {
        try
        {
            foreach ((VolatileClass kind, Regex pattern) in Patterns)
            {
                for (Match match = pattern.Match(text); match.Success; match = match.NextMatch())
                {
                    if (match.Index < start + Math.Max(length, 1) && start < match.Index + match.Length)
                    {
                        return kind;
                    }
                }
            }
        }
        catch (RegexMatchTimeoutException)
        {
            // A text that no pattern is made for.
        }

        return VolatileClass.Text;
    }

    [GeneratedRegex(@"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, PatienceMilliseconds)]
    private static partial Regex Uuid();

    [GeneratedRegex(@"\b\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?\s?(Z|[+-]\d{2}:?\d{2})?)?|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?(\s?[ap]\.?m\b)?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, PatienceMilliseconds)]
    private static partial Regex Dates();

    [GeneratedRegex(@"\b((mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun)\b,?|\b(\d{1,2}(st|nd|rd|th)?\.?\s)?(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sep(t(ember)?)?|oct(ober)?|nov(ember)?|dec(ember)?)\b\.?(\s\d{1,2}(st|nd|rd|th)?\b)?(,?\s\d{4}\b)?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, PatienceMilliseconds)]
    private static partial Regex NamedDates();

    // Seconds or milliseconds since 1970, from 2017 to 2033.
    [GeneratedRegex(@"(?<![\w.])1[5-9]\d{8}(\d{3}|\.\d+)?(?![\w.])", RegexOptions.CultureInvariant, PatienceMilliseconds)]
    private static partial Regex UnixTime();

    [GeneratedRegex(@"\b(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{6,}\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, PatienceMilliseconds)]
    private static partial Regex Mixed();

    [GeneratedRegex(@"\d+([.,]\d+)*", RegexOptions.CultureInvariant, PatienceMilliseconds)]
    private static partial Regex Digits();
}
