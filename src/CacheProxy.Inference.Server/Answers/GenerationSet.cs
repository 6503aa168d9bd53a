using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>
/// The generations of one HTTP request: one per choice. Either all are accepted or none goes on. Disposing cancels what has
/// not finished, so a client that leaves, or an error in one choice, never leaves the engine working for nobody.
/// </summary>
internal sealed class GenerationSet : IAsyncDisposable
{
    private readonly CancellationTokenSource _cancellation;
    private readonly List<ChannelReader<GenerationEvent>> _choices = [];

    private GenerationSet(CancellationToken requestAborted) => _cancellation = CancellationTokenSource.CreateLinkedTokenSource(requestAborted);

    public int Count => _choices.Count;

    /// <param name="promptParam">The field that holds the prompt, for errors.</param>
    /// <exception cref="RequestErrorException">The engine refused one of them, or could never take them all.</exception>
    public static GenerationSet Submit(InferenceEngine engine, IEnumerable<GenerationRequest> requests, string promptParam, CancellationToken requestAborted)
    {
        GenerationRequest[] choices = [.. requests];
        if (choices.Length > engine.MaxWaiting)
        {
            throw new RequestErrorException(RequestError.InvalidValue("n", $"the request asks for {choices.Length} answers in all; at most {engine.MaxWaiting} can wait at once."));
        }

        var set = new GenerationSet(requestAborted);
        try
        {
            foreach (GenerationRequest request in choices)
            {
                set._choices.Add(engine.Submit(request, set._cancellation.Token));
            }

            return set;
        }
        catch (RequestRefusedException refusal)
        {
            set.Cancel();
            throw new RequestErrorException(Refusals.ToError(refusal, promptParam));
        }
    }

    /// <summary>The events of all choices as they come.</summary>
    public IAsyncEnumerable<(int Choice, GenerationEvent Event)> ReadAllAsync(CancellationToken cancellation)
        => Count == 1 ? ReadOneAsync(cancellation) : ReadMergedAsync(cancellation);

    public ValueTask DisposeAsync()
    {
        Cancel();
        return ValueTask.CompletedTask;
    }

    private void Cancel()
    {
        _cancellation.Cancel();
        _cancellation.Dispose();
    }

    private async IAsyncEnumerable<(int Choice, GenerationEvent Event)> ReadOneAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (GenerationEvent item in _choices[0].ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            yield return (0, item);
        }
    }

    private async IAsyncEnumerable<(int Choice, GenerationEvent Event)> ReadMergedAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        Channel<(int, GenerationEvent)> merged = Channel.CreateUnbounded<(int, GenerationEvent)>(new UnboundedChannelOptions { SingleReader = true });
        Task pumps = Task.WhenAll(_choices.Select((events, choice) => PumpAsync(events, choice, merged.Writer, cancellation)));
        _ = pumps.ContinueWith(done => merged.Writer.TryComplete(done.Exception?.InnerException), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await foreach ((int, GenerationEvent) item in merged.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            yield return item;
        }
    }

    private static async Task PumpAsync(ChannelReader<GenerationEvent> events, int choice, ChannelWriter<(int, GenerationEvent)> merged, CancellationToken cancellation)
    {
        await foreach (GenerationEvent item in events.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            merged.TryWrite((choice, item));
        }
    }
}
