using System.Diagnostics.Metrics;
using CacheProxy.Ledger;

namespace CacheProxy.Observability;

/// <summary>Whether the ledger keeps up.</summary>
public sealed class LedgerHealth
{
    public LedgerHealth(IMeterFactory factory, ILedger ledger)
    {
        Meter meter = factory.Create(CacheProxyMetrics.MeterName);
        meter.CreateObservableGauge("cacheproxy.ledger.queued", () => ledger.Queued, "{row}", "Rows that wait for the thread that writes them");
        meter.CreateObservableGauge("cacheproxy.ledger.lag", () => ledger.LagSeconds, "s", "How long the oldest row that is not in the file has waited; 0: none waits");
        meter.CreateObservableCounter("cacheproxy.ledger.written", () => ledger.Written, "{row}", "Rows written to the file");
        meter.CreateObservableCounter("cacheproxy.ledger.merged", () => ledger.Merged, "{request}", "Requests whose rows were merged with others': their sums are kept");
        meter.CreateObservableCounter("cacheproxy.ledger.lost", () => ledger.Lost, "{request}", "Requests whose rows could not be kept at all");
        meter.CreateObservableCounter("cacheproxy.ledger.observer.faults", () => ledger.ObserverFaults, "{row}", "Rows that something that looks on failed at");
    }
}
