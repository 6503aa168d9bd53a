using CacheProxy.Exchange.Answers;

namespace CacheProxy.Stores.Codec;

// byte kind, int choice (usage has none), then:
//
//   1 text delta       text
//   2 reasoning delta  text
//   3 refusal delta    text
//   4 tool-call delta  int index, text call id or null, text name or null, text arguments
//   5 annotation       text JSON
//   6 log-probs        text JSON
//   7 finish           text reason, text detail or null
//   8 usage            text JSON, int prompt tokens, int completion tokens, int cached tokens, int cache-write tokens, int of these for an hour,
//                      int reasoning tokens, byte what else was charged for, byte service tier
//   9 item             text JSON, byte is silent

/// <summary>One step of an answer in the layout of an entry. A kind, once given out, keeps its number.</summary>
internal static class AnswerEvents
{
    public static void Write(ref PayloadWriter writer, AnswerEvent step)
    {
        switch (step)
        {
            case AnswerEvent.TextDelta delta:
                WriteChoice(ref writer, 1, delta.Choice, delta.Text);
                break;
            case AnswerEvent.ReasoningDelta delta:
                WriteChoice(ref writer, 2, delta.Choice, delta.Text);
                break;
            case AnswerEvent.RefusalDelta delta:
                WriteChoice(ref writer, 3, delta.Choice, delta.Text);
                break;
            case AnswerEvent.ToolCallDelta call:
                writer.Byte(4);
                writer.Varint(call.Choice);
                writer.Varint(call.Index);
                writer.Text(call.CallId);
                writer.Text(call.Name);
                writer.Text(call.Arguments);
                break;
            case AnswerEvent.Annotation annotation:
                WriteChoice(ref writer, 5, annotation.Choice, annotation.Json);
                break;
            case AnswerEvent.LogProbs logProbs:
                WriteChoice(ref writer, 6, logProbs.Choice, logProbs.Json);
                break;
            case AnswerEvent.Finish finish:
                WriteChoice(ref writer, 7, finish.Choice, finish.Reason);
                writer.Text(finish.Detail);
                break;
            case AnswerEvent.Usage usage:
                writer.Byte(8);
                writer.Text(usage.Json);
                writer.Varint(usage.PromptTokens);
                writer.Varint(usage.CompletionTokens);
                writer.Varint(usage.CachedTokens);
                writer.Varint(usage.CacheWriteTokens);
                writer.Varint(usage.CacheWriteHourTokens);
                writer.Varint(usage.ReasoningTokens);
                TokenFields.WriteTail(ref writer, usage.Extras, usage.Tier, usage.Searches);
                break;
            case AnswerEvent.Item item:
                WriteChoice(ref writer, 9, item.Choice, item.Json);
                writer.Byte(item.IsSilent ? (byte)1 : (byte)0);
                break;
            default:
                throw new NotSupportedException($"The entry layout has no place for {step.GetType().Name}.");
        }
    }

    /// <summary>Null, and the reader failed, for a kind that this version does not know.</summary>
    public static AnswerEvent? Read(ref PayloadReader reader)
    {
        byte kind = reader.Byte();
        switch (kind)
        {
            case 1:
                return new AnswerEvent.TextDelta(reader.Int32(), reader.RequiredText());
            case 2:
                return new AnswerEvent.ReasoningDelta(reader.Int32(), reader.RequiredText());
            case 3:
                return new AnswerEvent.RefusalDelta(reader.Int32(), reader.RequiredText());
            case 4:
                return new AnswerEvent.ToolCallDelta(
                    reader.Int32(), reader.Int32(), reader.Text(), reader.Text(), reader.RequiredText());
            case 5:
                return new AnswerEvent.Annotation(reader.Int32(), reader.RequiredText());
            case 6:
                return new AnswerEvent.LogProbs(reader.Int32(), reader.RequiredText());
            case 7:
                return new AnswerEvent.Finish(reader.Int32(), reader.RequiredText(), reader.Text());
            case 8:
                var usage = new AnswerEvent.Usage(reader.RequiredText(), reader.Varint(), reader.Varint(), reader.Varint())
                {
                    CacheWriteTokens = reader.Varint(),
                    CacheWriteHourTokens = reader.Varint(),
                    ReasoningTokens = reader.Varint(),
                    Extras = TokenFields.ReadExtras(ref reader),
                    Tier = TokenFields.ReadTier(ref reader),
                };
                return (usage.Extras & UsageExtras.Searches) == 0 ? usage : usage with { Searches = reader.Int32() };
            case 9:
                return new AnswerEvent.Item(reader.Int32(), reader.RequiredText(), reader.Flag());
            default:
                reader.Fail();
                return null;
        }
    }

    private static void WriteChoice(ref PayloadWriter writer, byte kind, int choice, string text)
    {
        writer.Byte(kind);
        writer.Varint(choice);
        writer.Text(text);
    }
}
