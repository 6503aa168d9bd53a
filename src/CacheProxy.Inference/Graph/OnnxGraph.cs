using System.Runtime.InteropServices;

namespace CacheProxy.Inference.Graph;

/// <summary>Collects nodes and constants and writes them as an ONNX model. Names are the wiring; every node's outputs are named by the caller.</summary>
internal sealed class OnnxGraph(string name)
{
    /// <summary>Field numbers of onnx.proto, version 8 of the format.</summary>
    private const int IrVersion = 8, DefaultOpset = 18;

    private readonly ProtoMessage _graph = new ProtoMessage().Text(2, name);
    private readonly SortedDictionary<string, int> _domains = new(StringComparer.Ordinal) { [""] = DefaultOpset };
    private readonly List<OnnxInitializer> _initializers = [];

    /// <summary>Constants that the session must be given beside the model.</summary>
    public IReadOnlyList<OnnxInitializer> Initializers => _initializers;

    /// <param name="shape">A number is a fixed size, anything else names a size known at run time.</param>
    public string Input(string input, OnnxType type, params string[] shape)
    {
        _graph.Message(11, ValueInfo(input, type, shape));
        return input;
    }

    public void Output(string output, OnnxType type, params string[] shape) => _graph.Message(12, ValueInfo(output, type, shape));

    /// <summary>Adds a node and returns its first output.</summary>
    /// <param name="inputs">An empty name is an absent optional input.</param>
    public string Node(string op, string domain, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        _domains.TryAdd(domain, 1);
        var node = new ProtoMessage();
        Array.ForEach(inputs, input => node.Text(1, input));
        Array.ForEach(outputs, output => node.Text(2, output));
        node.Text(3, "node:" + outputs[0]).Text(4, op).Text(7, domain);
        foreach ((string attribute, object value) in attributes)
        {
            node.Message(5, Attribute(attribute, value));
        }

        _graph.Message(1, node);
        return outputs[0];
    }

    /// <summary>A small constant, stored inside the model.</summary>
    public string Constant(string constant, ReadOnlySpan<float> values, params long[] shape) =>
        Constant(constant, OnnxType.Float, MemoryMarshal.AsBytes(values), shape);

    /// <inheritdoc cref="Constant(string, ReadOnlySpan{float}, long[])"/>
    public string Constant(string constant, OnnxType type, ReadOnlySpan<byte> values, params long[] shape)
    {
        _graph.Message(5, Tensor(constant, type, shape).Bytes(9, values));
        return constant;
    }

    /// <summary>A large constant, declared in the model and supplied through <see cref="Initializers"/>.</summary>
    /// <param name="placeholder">File that the declaration points at; the runtime insists on one that exists but never reads it.</param>
    public string External(OnnxInitializer initializer, string placeholder)
    {
        ProtoMessage Entry(string key, string value) => new ProtoMessage().Text(1, key).Text(2, value);
        ProtoMessage tensor = Tensor(initializer.Name, initializer.Type, initializer.Shape)
            .Message(13, Entry("location", placeholder))
            .Message(13, Entry("length", initializer.Data.ByteLength.ToString(System.Globalization.CultureInfo.InvariantCulture)))
            .Number(14, 1);
        _graph.Message(5, tensor);
        _initializers.Add(initializer);
        return initializer.Name;
    }

    public byte[] Serialize()
    {
        ProtoMessage model = new ProtoMessage().Number(1, IrVersion).Text(2, "CacheProxy").Message(7, _graph);
        foreach ((string domain, int version) in _domains)
        {
            model.Message(8, new ProtoMessage().Text(1, domain).Number(2, version));
        }

        return model.Written.ToArray();
    }

    private static ProtoMessage Tensor(string tensor, OnnxType type, long[] shape)
    {
        var message = new ProtoMessage();
        Array.ForEach(shape, size => message.Number(1, size));
        return message.Number(2, (int)type).Text(8, tensor);
    }

    private static ProtoMessage Attribute(string attribute, object value)
    {
        ProtoMessage message = new ProtoMessage().Text(1, attribute);
        return value switch
        {
            int number => message.Number(3, number).Number(20, 2),
            float number => message.Single(2, number).Number(20, 1),
            _ => throw new ArgumentException($"Attribute {attribute}: {value.GetType().Name} is not written.", nameof(value)),
        };
    }

    private static ProtoMessage ValueInfo(string value, OnnxType type, string[] shape)
    {
        var dimensions = new ProtoMessage();
        foreach (string size in shape)
        {
            dimensions.Message(1, long.TryParse(size, out long known) ? new ProtoMessage().Number(1, known) : new ProtoMessage().Text(2, size));
        }

        var tensor = new ProtoMessage().Number(1, (int)type).Message(2, dimensions);
        return new ProtoMessage().Text(1, value).Message(2, new ProtoMessage().Message(1, tensor));
    }
}
