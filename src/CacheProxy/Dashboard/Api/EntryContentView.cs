using CacheProxy.Admin;

namespace CacheProxy.Dashboard.Api;

/// <summary>One entry with what is in it.</summary>
/// <param name="Hidden">What the role may not see and is therefore null: <c>answer</c>, <c>question</c>.</param>
/// <param name="Question">As the semantic index has it; null: it has none.</param>
/// <param name="Tier">The store that it was read from.</param>
/// <param name="WasSemanticHit">It answered other words since the start, so that marking it as wrong teaches the policy; exact hits alone teach nothing.</param>
public sealed record EntryContentView(EntryView Entry, AnswerView? Answer, string? Question, IReadOnlyList<string> Hidden, string Tier, bool WasSemanticHit);

/// <param name="Text">All text of the first choice; cut at 64 KiB.</param>
/// <param name="ToolCalls">Name and arguments of each.</param>
/// <param name="FinishReason">Null: it names none.</param>
/// <param name="ContentType">Of the recorded body.</param>
/// <param name="UpstreamId">The upstream's id of the answer.</param>
/// <param name="Usage">The provider's usage object as it was sent; null: it sent none.</param>
public sealed record AnswerView(
    string Text, bool IsCut, int Choices, string? Reasoning, string? Refusal, IReadOnlyList<ToolCallView> ToolCalls, string? FinishReason, string ContentType,
    string UpstreamId, string Model, string? Usage);

public sealed record ToolCallView(string? Name, string Arguments);
