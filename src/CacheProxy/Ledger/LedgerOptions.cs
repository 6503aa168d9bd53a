using System.ComponentModel.DataAnnotations;
using CacheProxy.Ledger.Prices;

namespace CacheProxy.Ledger;

/// <summary>What is recorded of every request, and for how long. Section <c>Ledger</c>.</summary>
public sealed class LedgerOptions
{
    public const string Section = "Ledger";

    /// <summary>False: nothing is recorded, and neither dashboard nor report has figures. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Rows written a second; what comes beyond is merged into rows that stand for several requests, with exact sums. Default 2,000.</summary>
    [Range(1, 1_000_000)]
    public int RowsPerSecond { get; set; } = 2000;

    /// <summary>Days for which single requests are kept. Default 30.</summary>
    [Range(1, 36_500)]
    public int RowDays { get; set; } = 30;

    /// <summary>Days for which sums by the minute are kept. Default 8.</summary>
    [Range(1, 36_500)]
    public int MinuteDays { get; set; } = 8;

    /// <summary>Days for which sums by the hour are kept. Default 100.</summary>
    [Range(1, 36_500)]
    public int HourDays { get; set; } = 100;

    /// <summary>Days for which sums by the day are kept. Default 3,650.</summary>
    [Range(1, 36_500)]
    public int DayDays { get; set; } = 3650;

    /// <summary>Of each day, sums are kept by user, by entry and by prefix for so many of each, those that matter most; the rest is one sum. Default 1,000.</summary>
    [Range(10, 1_000_000)]
    public int KeysPerDay { get; set; } = 1000;

    /// <summary>Prices of one's own, by model and upstream; the first that fits goes before the table in config/prices.json. Default none.</summary>
    public List<PriceOverride> Prices { get; set; } = [];

    /// <summary>US dollars that the machine of a bundled model costs an hour; 0: its work has no price. Default 0.</summary>
    [Range(0, 1_000_000)]
    public double MachinePricePerHour { get; set; }

    /// <summary>Keep up to 80 characters around the first difference of prompts that a changing beginning keeps out of the prefix cache. Default true.</summary>
    public bool KeepSnippets { get; set; } = true;
}
