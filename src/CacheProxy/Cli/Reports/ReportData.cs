using CacheProxy.Ledger;
using CacheProxy.Ledger.Findings;

namespace CacheProxy.Cli.Reports;

/// <summary>All figures of a report, as the ledger gives them; whoever shows them rounds, nobody adds.</summary>
internal sealed record ReportData
{
    public required ReportRange Range { get; init; }

    public required LedgerTotals Totals { get; init; }

    /// <summary>Day by day in the range's zone, empty ones too.</summary>
    public required IReadOnlyList<LedgerPoint> Days { get; init; }

    public required IReadOnlyList<LedgerGroup> Tenants { get; init; }

    public required IReadOnlyList<LedgerGroup> Models { get; init; }

    public required IReadOnlyList<LedgerGroup> Upstreams { get; init; }

    public required IReadOnlyList<LedgerGroup> Routes { get; init; }

    public required IReadOnlyList<LedgerGroup> Work { get; init; }

    /// <summary>Of the semantic hits alone.</summary>
    public required LedgerTotals Semantic { get; init; }

    public required SemanticTruth Truth { get; init; }

    public required FindingsReport Findings { get; init; }

    public required IReadOnlyList<Advice> Advice { get; init; }

    /// <summary>What could not be read beside the ledger; the rest of the report stands.</summary>
    public required IReadOnlyList<string> Gaps { get; init; }

    /// <summary>Models that something was paid for or avoided with, and nobody knows how much.</summary>
    public IEnumerable<LedgerGroup> Unpriced => Models.Where(model => model.Totals.RequestsOfUnknownPrice > 0);
}
