using System.Collections.Concurrent;
using System.Diagnostics;
using CacheProxy.Observability.Tracing;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Observability;

/// <summary>An exporter into memory: keeps the spans of the proxy's source as they end.</summary>
internal sealed class SpanRecorder : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    /// <param name="sampling">Of traces that begin here; those of a client go by its own flag.</param>
    public SpanRecorder(ActivitySamplingResult sampling = ActivitySamplingResult.AllDataAndRecorded)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ProxySpans.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.Parent == default ? sampling
                : (options.Parent.TraceFlags & ActivityTraceFlags.Recorded) != 0 ? ActivitySamplingResult.AllDataAndRecorded
                : options.Parent.IsRemote ? ActivitySamplingResult.PropagationData : ActivitySamplingResult.None,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public Activity[] Ended => [.. _ended];

    /// <summary>Waits for the spans of these names, sorted by their start.</summary>
    public async Task<Activity[]> WaitAsync(params string[] names)
    {
        await Wait.UntilAsync(() => names.GroupBy(name => name).All(name => Ended.Count(span => span.OperationName == name.Key) >= name.Count()), string.Join(", ", names));
        return [.. Ended.OrderBy(span => span.StartTimeUtc)];
    }

    public void Dispose() => _listener.Dispose();
}
