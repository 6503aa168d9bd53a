using System.Security.Cryptography;
using CacheProxy.Inference.Constraints;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Tools;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>The tools of one chat request: how their calls are found in its answers, and whether the answers have to be calls.</summary>
internal sealed class ToolUse(ToolCallFormat format, ChatCompletionRequest request)
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int RandomIdLength = 24;

    public static ToolUse? Create(ChatCompletionRequest request, ToolCallFormat? format)
        => format is null || request.Tools.Count == 0 || request.ToolChoice.Kind == ToolChoiceKind.None ? null : new ToolUse(format, request);

    /// <summary>For one choice.</summary>
    public ToolCallReader CreateReader()
        => new(format, request.Tools.Select(tool => tool.Name!), request.ParallelToolCalls ? int.MaxValue : 1);

    /// <summary>What holds the answer to calls; null: the model decides whether it calls.</summary>
    /// <exception cref="Http.RequestErrorException">A function's schema cannot be held.</exception>
    public ITokenConstraint? CreateConstraint(ConstraintFactory constraints)
    {
        ToolFunction[] functions = [.. request.Tools.Select(tool => new ToolFunction(tool.Name!, tool.Parameters))];
        return request.ToolChoice.Kind switch
        {
            ToolChoiceKind.Required => AnswerConstraints.Guard("tools", () => ToolCallGrammar.Create(constraints, format, functions, request.ParallelToolCalls)),
            ToolChoiceKind.Function => AnswerConstraints.Guard(
                "tools", () => ToolCallGrammar.Create(constraints, format, [functions.First(function => function.Name == request.ToolChoice.Name)], isParallel: false)),
            _ => null,
        };
    }

    /// <summary>An id that no other call has.</summary>
    public string CreateId()
        => format.IdLength > 0 ? RandomNumberGenerator.GetString(Alphabet, format.IdLength) : "call_" + RandomNumberGenerator.GetString(Alphabet, RandomIdLength);
}
