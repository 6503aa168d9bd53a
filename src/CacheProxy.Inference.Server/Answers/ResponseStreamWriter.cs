using CacheProxy.Inference.Generation;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>Streams a response, each event with its number.</summary>
internal sealed class ResponseStreamWriter(HttpContext context, ChatGeneration generation, ResponseWriter response, TimeProvider time)
    : BlockStreamWriter(context, generation), IDisposable
{
    private readonly ResponseEventWriter _events = new(response);
    private readonly List<ResponseItem> _items = [];

    public void Dispose() => _events.Dispose();

    protected override void WriteStart(GenerationUsage usage)
    {
        var state = new ResponseState { Status = ResponseState.InProgress };
        Stream.End(_events.WriteState(Stream.Begin(), "response.created", state));
        Stream.End(_events.WriteState(Stream.Begin(), "response.in_progress", state));
    }

    protected override void WriteBlock(BlockEvent item, bool isCut)
    {
        AnswerBlock block = item.Block;
        switch (item.Step)
        {
            case BlockStep.Begin:
                WriteBegin(block);
                break;
            case BlockStep.Delta when block.IsCall:
                Stream.End(_events.WriteArgumentsDelta(Stream.Begin(), block.Index, "fc_" + block.Id, item.Piece));
                break;
            case BlockStep.Delta:
                Stream.End(_events.WriteTextDelta(Stream.Begin(), block.Index, "msg_" + block.Id, item.Piece, ResponseItems.ToLogProbs(item.Tokens)));
                break;
            case BlockStep.End:
                WriteDone(block, isCut);
                break;
        }
    }

    protected override void WriteEnd(GenerationEvent.Finished end, bool hasCalls)
    {
        bool isCut = end.Reason == FinishReason.Length;
        if (_items.Count == 0)
        {
            var empty = new AnswerBlock(0, null, "");
            WriteBegin(empty);
            WriteDone(empty, isCut);
        }

        Usage usage = Usage.Of(end.Usage.PromptTokens, end.Usage.CachedTokens, end.Usage.CompletionTokens);
        ResponseState state = ResponseItems.ToState(_items, usage, isCut, time.GetUtcNow().ToUnixTimeSeconds());
        Stream.End(_events.WriteState(Stream.Begin(), isCut ? "response.incomplete" : "response.completed", state));
    }

    protected override void WriteFailure(RequestError error)
        => Stream.End(_events.WriteState(Stream.Begin(), "response.failed", new ResponseState { Status = ResponseState.Failed, Output = _items, Error = error }));

    private void WriteBegin(AnswerBlock block)
    {
        // The block may have grown already: what it holds comes with its deltas.
        if (block.IsCall)
        {
            Stream.End(_events.WriteItemAdded(Stream.Begin(), block.Index, ResponseItems.ToCall(block) with { Arguments = "" }));
            return;
        }

        ResponseMessage message = ResponseItems.ToMessage(block) with { Text = "", LogProbs = null };
        Stream.End(_events.WriteItemAdded(Stream.Begin(), block.Index, message));
        Stream.End(_events.WritePartAdded(Stream.Begin(), block.Index, message));
    }

    private void WriteDone(AnswerBlock block, bool isCut)
    {
        ResponseItem item = ResponseItems.ToItem(block, isCut);
        _items.Add(item);
        switch (item)
        {
            case ResponseMessage message:
                Stream.End(_events.WriteTextDone(Stream.Begin(), block.Index, message));
                Stream.End(_events.WritePartDone(Stream.Begin(), block.Index, message));
                break;
            case ResponseFunctionCall call:
                Stream.End(_events.WriteArgumentsDone(Stream.Begin(), block.Index, call));
                break;
        }

        Stream.End(_events.WriteItemDone(Stream.Begin(), block.Index, item));
    }
}
