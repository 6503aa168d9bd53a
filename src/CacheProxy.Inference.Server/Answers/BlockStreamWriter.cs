using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>
/// Streams an answer block by block, in the events of the dialect that derives from it. Nothing is sent before the first event, so that
/// an engine that fails at once still gets its HTTP status.
/// </summary>
internal abstract class BlockStreamWriter(HttpContext context, ChatGeneration generation)
{
    private readonly BlockReader _reader = new(generation.Tools);

    protected EventStream Stream { get; } = new(context);

    protected HttpContext Context => context;

    public async Task WriteAsync()
    {
        await foreach ((_, GenerationEvent item) in generation.Set.ReadAllAsync(context.RequestAborted).ConfigureAwait(false))
        {
            switch (item)
            {
                case GenerationEvent.Delta delta:
                    Begin(delta.CachedTokens);
                    WriteBlocks(_reader.Append(delta.Text, delta.Tokens), isCut: false);
                    break;
                case GenerationEvent.Finished end:
                    context.RequestAborted.ThrowIfCancellationRequested();
                    WriteEnd(end);
                    break;
            }

            await Stream.FlushAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The events before the first block.</summary>
    /// <param name="usage">Of the prompt; nothing is generated yet.</param>
    protected abstract void WriteStart(GenerationUsage usage);

    /// <param name="isCut">The answer ended inside of it, for length.</param>
    protected abstract void WriteBlock(BlockEvent item, bool isCut);

    /// <summary>The events after the last block.</summary>
    protected abstract void WriteEnd(GenerationEvent.Finished end, bool hasCalls);

    /// <summary>The event that ends a stream midway.</summary>
    protected abstract void WriteFailure(RequestError error);

    private void Begin(int cachedTokens)
    {
        if (!Stream.IsStarted)
        {
            Stream.Start();
            WriteStart(new GenerationUsage(generation.PromptTokens, cachedTokens, 0));
        }
    }

    private void WriteEnd(GenerationEvent.Finished end)
    {
        if (Refusals.ToError(end) is { } error)
        {
            if (!Stream.IsStarted)
            {
                throw new RequestErrorException(error);
            }

            WriteFailure(error);
            return;
        }

        Begin(end.Usage.CachedTokens);
        WriteBlocks(_reader.Complete(), isCut: end.Reason == FinishReason.Length);
        WriteEnd(end, _reader.HasCalls);
    }

    private void WriteBlocks(IReadOnlyList<BlockEvent> events, bool isCut)
    {
        foreach (BlockEvent item in events)
        {
            WriteBlock(item, isCut && item.Step == BlockStep.End);
        }
    }
}
