using System.Text.Json;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Exchange.Replay;

/// <summary>Writes the output items of a response: texts and refusals in a row are the parts of one message, everything else is its own item.</summary>
internal sealed class OutputItemsWriter(Utf8JsonWriter json, CanonicalAnswer answer, bool isComplete)
{
    private int _index;
    private bool _isInMessage;

    public void Write()
    {
        for (int i = 0; i < answer.Events.Count; i++)
        {
            WriteItem(i);
        }

        EndMessage();
    }

    private void WriteItem(int index)
    {
        switch (answer.Events[index])
        {
            // Chat's empty content beside calls.
            case AnswerEvent.TextDelta { Text: "" } when answer.Body.Dialect != Dialect.OpenAIResponses:
                break;
            case AnswerEvent.TextDelta text:
                BeginMessage();
                WriteText(text.Text, index);
                break;
            case AnswerEvent.RefusalDelta refusal:
                BeginMessage();
                json.WriteStartObject();
                json.WriteString("type"u8, "refusal"u8);
                json.WriteString("refusal"u8, refusal.Text);
                json.WriteEndObject();
                break;
            case AnswerEvent.ReasoningDelta reasoning:
                WriteReasoning(reasoning.Text);
                break;
            case AnswerEvent.ToolCallDelta call:
                WriteCall(call);
                break;
            case AnswerEvent.Item item when answer.Body.Dialect == Dialect.OpenAIResponses:
                EndMessage();
                _index++;
                json.WriteRawValue(item.Json);
                break;
        }
    }

    private void BeginMessage()
    {
        if (_isInMessage)
        {
            return;
        }

        _isInMessage = true;
        Begin("message", "msg");
        json.WriteString("role"u8, "assistant"u8);
        json.WriteStartArray("content"u8);
    }

    private void EndMessage()
    {
        if (_isInMessage)
        {
            json.WriteEndArray();
            json.WriteEndObject();
            _isInMessage = false;
        }
    }

    private void Begin(string type, string prefix)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, AnswerIds.OfItem(answer, prefix, _index++));
        json.WriteString("type"u8, type);
        json.WriteString("status"u8, isComplete ? "completed"u8 : "incomplete"u8);
    }

    private void WriteText(string text, int index)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "output_text"u8);
        json.WriteString("text"u8, text);
        json.WriteStartArray("annotations"u8);
        foreach (AnswerEvent.Annotation annotation in answer.Events.Skip(index + 1).TakeWhile(item => item is AnswerEvent.Annotation).Cast<AnswerEvent.Annotation>())
        {
            json.WriteRawValue(annotation.Json);
        }

        json.WriteEndArray();
        json.WritePropertyName("logprobs"u8);
        AnswerEvent? behind = answer.Events.Skip(index + 1).FirstOrDefault(item => item is not AnswerEvent.Annotation);
        json.WriteRawValue(behind is AnswerEvent.LogProbs logProbs ? logProbs.Json : "[]");
        json.WriteEndObject();
    }

    private void WriteReasoning(string text)
    {
        EndMessage();
        Begin("reasoning", "rs");
        json.WriteStartArray("summary"u8);
        json.WriteEndArray();
        json.WriteStartArray("content"u8);
        json.WriteStartObject();
        json.WriteString("type"u8, "reasoning_text"u8);
        json.WriteString("text"u8, text);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteCall(AnswerEvent.ToolCallDelta call)
    {
        EndMessage();
        Begin("function_call", "fc");
        json.WriteString("call_id"u8, call.CallId ?? "");
        json.WriteString("name"u8, call.Name ?? "");
        json.WriteString("arguments"u8, call.Arguments);
        json.WriteEndObject();
    }
}
