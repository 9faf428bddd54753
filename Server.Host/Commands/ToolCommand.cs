using System.CommandLine;
using System.Globalization;
using System.Net;
using Parley.Server.Host.Configuration;
using Parley.Server.Host.Hosting;
using Parley.Server.Host.Http;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Commands;

/// <summary><c>tool</c>: media tools without XMPP, such as ffmpeg and GStreamer, in the call rooms of a running server.</summary>
internal static class ToolCommand
{
    private static readonly Option<string> Address = new("--address") { Description = "The tool's IP address; this machine's where it is not given.", DefaultValueFactory = _ => "127.0.0.1" };
    private static readonly Option<string?> Name = new("--name") { Description = "The name that the others see." };
    private static readonly Option<bool> Mux = new("--rtcp-mux") { Description = "RTCP comes and goes on RTP's port instead of the next." };

    public static Command Create(SettingArguments settings) => new("tool", "Connects media tools by plain RTP: ffmpeg, GStreamer and the like.")
    {
        Connect(settings),
        Disconnect(settings),
        Cli.Verb(new Command("list", "Lists the tools: id, room, whether media flow, name."), settings, (line, _, ct) => AskAsync(line, "list", [], ct)),
    };

    private static Command Connect(SettingArguments settings)
    {
        var room = new Argument<string>("room") { Description = "The room's address, or its name alone." };
        var (audio, video) = (Stream.Of("audio", "opus, PCMU, PCMA or G722"), Stream.Of("video", "VP8, or VP9 and H264 where the server has their libraries"));
        return Cli.Verb(new Command("connect", "Brings a tool into a room. Prints an SDP of what it receives; lines with i= say where it is to send.")
        {
            room, Address, Name, Mux, audio.Port, audio.Codec, audio.Payload, audio.Direction, video.Port, video.Codec, video.Payload, video.Direction,
        }, settings, (line, parsed, ct) =>
        {
            var address = parsed.GetValue(Address)!;
            if (!IPAddress.TryParse(address, out _)) throw new StartFailureException("--address", $"\"{address}\" is no IP address.");
            return AskAsync(line, "connect",
            [
                ("room", RoomOf(line, parsed.GetValue(room)!)), ("address", address), ("name", parsed.GetValue(Name)), ("rtcp-mux", parsed.GetValue(Mux) ? "true" : null),
                .. audio.Read(parsed), .. video.Read(parsed),
            ], ct);
        });
    }

    private static Command Disconnect(SettingArguments settings)
    {
        var id = new Argument<string>("id") { Description = "Its id, as list tells it." };
        return Cli.Verb(new Command("disconnect", "Takes a tool out of its room.") { id }, settings, (line, parsed, ct) => AskAsync(line, "disconnect", [("id", parsed.GetValue(id))], ct));
    }

    private static string RoomOf(CommandLine line, string room)
    {
        var root = line.LoadConfiguration().Root;
        // A name alone is a room of the first domain.
        var address = room.Contains('@', StringComparison.Ordinal) ? room : $"{room}@{root["Plugins:FocusAgent:Domain"] ?? "calls." + StartSettings.Bind(root, new Faults()).Server.Domains[0]}";
        return Jid.TryParse(address, out _) ? address : throw new StartFailureException(address, "is no address.");
    }

    private static async Task<int> AskAsync(CommandLine line, string verb, (string Name, string? Value)[] values, CancellationToken ct)
    {
        var query = string.Join('&', values.Where(v => v.Value is not null).Select(v => $"{v.Name}={Uri.EscapeDataString(v.Value!)}"));
        using var server = new RunningServer(StartSettings.Bind(line.LoadConfiguration().Root, new Faults()).Server);
        var (ok, message) = await server.AskAsync($"{HttpPaths.Tools}/{verb}?{query}", ct);
        if (message.Length > 0) await (ok ? Console.Out : Console.Error).WriteLineAsync(message);
        return ok ? 0 : 1;
    }

    private sealed record Stream(string Kind, Option<int?> Port, Option<string> Codec, Option<int?> Payload, Option<string> Direction)
    {
        public static Stream Of(string kind, string codecs) => new(kind,
            new($"--{kind}-port") { Description = $"The tool's UDP port for {kind}, where it takes it; without one there is no {kind}." },
            new($"--{kind}") { Description = $"The codec of {kind}: {codecs}.", DefaultValueFactory = _ => kind == "audio" ? "opus" : "VP8" },
            new($"--{kind}-payload") { Description = $"The payload type of {kind}; where it is not given, the usual one." },
            Choice(new($"--{kind}-direction") { Description = $"Which way {kind} goes, as the tool sees it: sendrecv, sendonly or recvonly.", DefaultValueFactory = _ => "sendrecv" }));

        public IEnumerable<(string, string?)> Read(ParseResult parsed) => parsed.GetValue(Port) is not { } port ? [] :
        [
            ($"{Kind}-port", port.ToString(CultureInfo.InvariantCulture)), (Kind, parsed.GetValue(Codec)),
            ($"{Kind}-payload", parsed.GetValue(Payload)?.ToString(CultureInfo.InvariantCulture)), ($"{Kind}-direction", parsed.GetValue(Direction)),
        ];

        private static Option<string> Choice(Option<string> option)
        {
            option.AcceptOnlyFromAmong("sendrecv", "sendonly", "recvonly");
            return option;
        }
    }
}
