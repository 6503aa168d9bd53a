using System.Globalization;
using System.Text.RegularExpressions;

namespace CacheProxy.Benchmarks.Streams;

/// <summary>Questions by rule that look like another and want another answer: a number, a polarity, a direction or a word's opposite changed.</summary>
internal static partial class Contrasts
{
    private static readonly (string One, string Other)[] Opposites =
    [
        ("best", "worst"), ("increase", "decrease"), ("before", "after"), ("buy", "sell"), ("high", "low"), ("more", "less"), ("first", "last"), ("good", "bad"),
        ("gain", "lose"), ("highest", "lowest"), ("most", "least"), ("old", "new"), ("start", "stop"), ("open", "close"), ("morning", "evening"), ("today", "tomorrow"),
        ("advantages", "disadvantages"), ("men", "women"), ("north", "south"), ("cheap", "expensive"), ("fast", "slow"), ("with", "without"), ("legal", "illegal"),
    ];

    private static readonly (string Plain, string Denied)[] Polarities =
        [(" can ", " can't "), (" do ", " don't "), (" does ", " doesn't "), (" should ", " shouldn't "), (" is ", " is not "), (" are ", " are not ")];

    /// <returns>Null: no rule fits.</returns>
    public static string? Of(string text)
    {
        if (Number().Match(text) is { Success: true } number)
        {
            int value = int.Parse(number.Value, CultureInfo.InvariantCulture);
            return Number().Replace(text, (value + 1 + (value % 7)).ToString(CultureInfo.InvariantCulture), 1);
        }

        if (Direction().Match(text) is { Success: true } direction)
        {
            return text.Replace(direction.Value, $"from {direction.Groups[2].Value} to {direction.Groups[1].Value}", StringComparison.Ordinal);
        }

        foreach ((string one, string other) in Opposites)
        {
            foreach ((string from, string to) in new[] { (one, other), (other, one) })
            {
                string changed = Regex.Replace(text, $@"\b{from}\b", to);
                if (changed != text)
                {
                    return changed;
                }
            }
        }

        (string plain, string denied) = Polarities.FirstOrDefault(pair => text.Contains(pair.Plain, StringComparison.Ordinal));
        return plain is null || text.Contains("n't", StringComparison.Ordinal) || text.Contains(" not ", StringComparison.Ordinal) ? null : text.Replace(plain, denied, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\b\d{1,6}\b")]
    private static partial Regex Number();

    [GeneratedRegex(@"\bfrom (\w+) to (\w+)\b")]
    private static partial Regex Direction();
}
