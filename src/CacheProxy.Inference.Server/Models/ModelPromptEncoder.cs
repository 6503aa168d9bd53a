using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Templates.Jinja;
using CacheProxy.Inference.Tools;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Models;

/// <summary>A model's own encoding, with requests' messages going in and reasons that a client can be told coming out.</summary>
internal sealed class ModelPromptEncoder(LanguageModel model) : IPromptEncoder
{
    public ToolCallFormat? ToolFormat => model.Template?.ToolFormat;

    public int[] EncodeChat(IReadOnlyList<ChatMessage> messages, IReadOnlyList<ToolDefinition> tools, string? answerStart = null)
    {
        if (model.Template is null)
        {
            throw new PromptException("the model has no chat template; use /v1/completions.");
        }

        try
        {
            return model.EncodeChat(TemplateMessages.ToInput(messages, tools) with { AnswerStart = answerStart });
        }
        catch (JinjaException refusal)
        {
            string problem = refusal.RaisedByTemplate ? "does not accept these messages" : "fails on these messages";
            throw new PromptException($"the model's chat template {problem}: {refusal.Message}", refusal);
        }
    }

    public int[] EncodeText(string text) => model.EncodeText(text, parseSpecial: true);
}
