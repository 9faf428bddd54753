using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Plugins.PubSub.Nodes;

namespace Parley.Plugins.PubSub.Storage;

/// <summary>A configuration at rest. What a later version does not know is left out, what it adds has its default.</summary>
internal static class StoredConfig
{
    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter() } };

    public static string Write(NodeConfig config) => JsonSerializer.Serialize(config, Json);

    public static NodeConfig Read(string text) => JsonSerializer.Deserialize<NodeConfig>(text, Json) ?? new NodeConfig();
}
