using System.Text.Json;

namespace CacheProxy.Exchange;

/// <summary>The one spelling of every outcome and reason: header, metric tag, ledger and log all take it from here.</summary>
public static class OutcomeNames
{
    private static readonly string[] Outcomes = Names<CacheOutcome>();
    private static readonly string[] Reasons = Names<BypassReason>();

    public static string ToTag(this CacheOutcome outcome) => Outcomes[(int)outcome];

    public static string ToTag(this BypassReason reason) => Reasons[(int)reason];

    /// <summary>Which part of the cache answered.</summary>
    public static string ToTier(this CacheOutcome outcome) => outcome switch
    {
        CacheOutcome.Exact or CacheOutcome.Stale => "exact",
        CacheOutcome.Semantic => "semantic",
        CacheOutcome.Collapsed => "flight",
        _ => "none",
    };

    /// <summary>Of any closed set: the name that its tags and headers have.</summary>
    public static string ToTag<T>(this T value) where T : struct, Enum => NamesOf<T>.All[Convert.ToInt32(value, null)];

    private static class NamesOf<T> where T : struct, Enum
    {
        public static readonly string[] All = Names<T>();
    }

    private static string[] Names<T>() where T : struct, Enum
        => [.. Enum.GetNames<T>().Select(name => JsonNamingPolicy.SnakeCaseLower.ConvertName(name))];
}
