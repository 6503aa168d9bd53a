using CacheProxy.Inference.Generation;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>An answer's blocks as items of a response.</summary>
internal static class ResponseItems
{
    /// <summary>All of an answer; one that says nothing is an empty message.</summary>
    public static IReadOnlyList<ResponseItem> ToItems(IReadOnlyList<AnswerBlock> blocks, bool isCut)
    {
        IReadOnlyList<AnswerBlock> all = blocks.Count > 0 ? blocks : [new AnswerBlock(0, null, "")];
        return [.. all.Select((block, i) => ToItem(block, isCut && i == all.Count - 1))];
    }

    /// <param name="isCut">The answer ended inside of it, for length.</param>
    public static ResponseItem ToItem(AnswerBlock block, bool isCut)
    {
        string status = isCut ? ResponseState.Incomplete : ResponseState.Completed;
        return block.IsCall ? ToCall(block) with { Status = status } : ToMessage(block) with { Status = status };
    }

    public static ResponseMessage ToMessage(AnswerBlock block) => new("msg_" + block.Id, block.Content, ToLogProbs(block.Tokens));

    public static ResponseFunctionCall ToCall(AnswerBlock block) => new("fc_" + block.Id, block.CallId, block.Name, block.Content);

    public static ChatLogProbs? ToLogProbs(IReadOnlyList<TokenLogProb> tokens) => tokens.Count == 0 ? null : LogProbs.ToChat(tokens);

    /// <param name="completedAt">Unix seconds.</param>
    public static ResponseState ToState(IReadOnlyList<ResponseItem> items, Usage usage, bool isCut, long completedAt) => new()
    {
        Status = isCut ? ResponseState.Incomplete : ResponseState.Completed,
        CompletedAt = isCut ? null : completedAt,
        IncompleteReason = isCut ? "max_output_tokens" : null,
        Output = items,
        Usage = usage,
    };
}
