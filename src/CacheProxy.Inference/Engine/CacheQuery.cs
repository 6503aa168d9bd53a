using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;

namespace CacheProxy.Inference.Engine;

/// <summary>A question about the cache on its way to the engine thread. A question that fails is its asker's trouble, never the engine's.</summary>
internal sealed class CacheQuery<T>(Func<KvCache, T> ask) : IEngineWork
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => _answer.Task;

    public void Accept(Scheduler scheduler)
    {
        try
        {
            _answer.SetResult(ask(scheduler.Cache));
        }
        catch (Exception failure)
        {
            _answer.SetException(failure);
        }
    }

    public void Refuse(Scheduler scheduler, string error) => _answer.SetException(new RequestRefusedException(RefusalReason.Unhealthy, error));
}
