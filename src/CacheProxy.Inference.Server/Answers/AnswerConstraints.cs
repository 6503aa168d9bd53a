using CacheProxy.Inference.Constraints;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>From the format that a request asks for to what the engine holds the answer to.</summary>
internal static class AnswerConstraints
{
    /// <exception cref="RequestErrorException">The format cannot be held; the error names the part of it.</exception>
    public static ITokenConstraint? Create(AnswerFormat? format, ConstraintFactory constraints) => format is null ? null : Guard(format.Param, () => format.Kind switch
    {
        AnswerFormatKind.JsonObject => constraints.JsonObject(),
        AnswerFormatKind.JsonSchema => constraints.JsonSchema(format.Text),
        AnswerFormatKind.Regex => constraints.Regex(format.Text),
        _ => constraints.OneOf(format.Choices),
    });

    /// <summary>Turns the engine's refusal into an error of the field.</summary>
    public static ITokenConstraint Guard(string param, Func<ITokenConstraint> create)
    {
        try
        {
            return create();
        }
        catch (ConstraintException refusal)
        {
            throw new RequestErrorException(RequestError.InvalidValue(PathOf(param, refusal.Path), refusal.Message));
        }
    }

    private static string PathOf(string param, string path) => path.Length == 0 ? param : path[0] == '[' ? param + path : $"{param}.{path}";
}
