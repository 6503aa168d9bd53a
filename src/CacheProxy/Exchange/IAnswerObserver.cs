namespace CacheProxy.Exchange;

/// <summary>Hears of every answer that became an entry, after the client was served. Faults are logged and change nothing.</summary>
public interface IAnswerObserver
{
    /// <param name="exchange">The request that the answer belongs to; its body is still there.</param>
    ValueTask OnRecordedAsync(ExchangeFeature exchange, CacheEntry entry, CancellationToken cancellationToken);

    /// <summary>Waits until it has dealt with what it heard: for whoever tells it more at once than clients ever would.</summary>
    ValueTask SettleAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
