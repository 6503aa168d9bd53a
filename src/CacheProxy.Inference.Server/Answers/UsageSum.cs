using CacheProxy.Inference.Generation;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>Usage of an answer of several choices: every prompt counts once, however many choices were made from it.</summary>
/// <param name="choicesPerPrompt">Choices i·n to i·n+n-1 belong to prompt i.</param>
internal sealed class UsageSum(int choicesPerPrompt)
{
    private long _promptTokens;
    private long _cachedTokens;
    private long _completionTokens;

    public void Add(int choice, GenerationUsage usage)
    {
        _completionTokens += usage.CompletionTokens;
        if (choice % choicesPerPrompt == 0)
        {
            _promptTokens += usage.PromptTokens;
            _cachedTokens += usage.CachedTokens;
        }
    }

    public Usage ToUsage() => Usage.Of(_promptTokens, _cachedTokens, _completionTokens);
}
