using System.CommandLine;
using System.Text.Json;
using Parley.Server.Host.Configuration;
using Parley.Server.Host.Hosting;

namespace Parley.Server.Host.Commands;

/// <summary><c>status</c>: the figures of a running server.</summary>
internal static class StatusCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create(SettingArguments settings)
    {
        var json = new Option<bool>("--json") { Description = "As JSON." };
        return Cli.Verb(new Command("status", "Shows sessions, conferences, participants, allocations and the relay's load of the running server.") { json }, settings, async (line, parsed, ct) =>
        {
            var setup = LoadedSetup.Load(line);
            using var server = new RunningServer(setup.Settings.Server);
            var status = await server.ReadStatusAsync(ct);
            if (parsed.GetValue(json)) await Console.Out.WriteLineAsync(JsonSerializer.Serialize(status, Indented));
            else Write("", status);
            return 0;
        });
    }

    // One line a figure, "relay.workers 2".
    private static void Write(string path, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject()) Write(path.Length == 0 ? property.Name : $"{path}.{property.Name}", property.Value);
                break;
            case JsonValueKind.Array:
                Console.WriteLine($"{path} {string.Join(' ', value.EnumerateArray())}");
                break;
            default:
                Console.WriteLine($"{path} {value}");
                break;
        }
    }
}
