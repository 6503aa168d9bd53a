using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Protocol.Anthropic;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>Streams a message in Anthropic's events.</summary>
/// <param name="maxTokens">Those asked for.</param>
internal sealed class MessageStreamWriter(HttpContext context, ChatGeneration generation, MessageWriter message, int? maxTokens)
    : BlockStreamWriter(context, generation), IDisposable
{
    private readonly MessageEventWriter _events = new(message);

    public void Dispose() => _events.Dispose();

    protected override void WriteStart(GenerationUsage usage)
    {
        Stream.End(_events.WriteStart(Stream.Begin(), MessageAnswers.ToUsage(usage)));
        Stream.End(_events.WritePing(Stream.Begin()));
    }

    protected override void WriteBlock(BlockEvent item, bool isCut)
    {
        AnswerBlock block = item.Block;
        switch (item.Step)
        {
            case BlockStep.Begin:
                MessageBlock begun = block.IsCall ? new MessageToolUse(block.CallId, block.Name, "{}") : new MessageText("");
                Stream.End(_events.WriteBlockStart(Stream.Begin(), block.Index, begun));
                break;
            case BlockStep.Delta when block.IsCall:
                Stream.End(_events.WriteInputDelta(Stream.Begin(), block.Index, item.Piece));
                break;
            case BlockStep.Delta:
                Stream.End(_events.WriteTextDelta(Stream.Begin(), block.Index, item.Piece));
                break;
            case BlockStep.End:
                Stream.End(_events.WriteBlockStop(Stream.Begin(), block.Index));
                break;
        }
    }

    protected override void WriteEnd(GenerationEvent.Finished end, bool hasCalls)
    {
        Stream.End(_events.WriteDelta(Stream.Begin(), MessageAnswers.ToEnd(end, hasCalls, maxTokens)));
        Stream.End(_events.WriteStop(Stream.Begin()));
    }

    protected override void WriteFailure(RequestError error)
        => Stream.WriteEvent("error", MessageError.ToJson(error, MessageDialect.RequestIdOf(Context)));
}
