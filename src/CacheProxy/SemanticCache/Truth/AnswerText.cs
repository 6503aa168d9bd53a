using System.Text;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>What of an answer is compared: its text, and the calls that it makes.</summary>
/// <param name="Text">Of the first choice; refusals included.</param>
/// <param name="Calls">Names and arguments of the tools, in order.</param>
internal readonly record struct AnswerText(string Text, string Calls)
{
    public static AnswerText Of(CanonicalAnswer answer)
    {
        var text = new StringBuilder();
        var calls = new StringBuilder();
        foreach (AnswerEvent step in answer.Events)
        {
            switch (step)
            {
                case AnswerEvent.TextDelta { Choice: 0 } delta:
                    text.Append(delta.Text);
                    break;
                case AnswerEvent.RefusalDelta { Choice: 0 } refusal:
                    text.Append(refusal.Text);
                    break;
                case AnswerEvent.ToolCallDelta { Choice: 0 } call:
                    calls.Append(call.Name).Append('(').Append(call.Arguments.Where(c => !char.IsWhiteSpace(c)).ToArray()).Append(')');
                    break;
            }
        }

        return new AnswerText(text.ToString(), calls.ToString());
    }
}
