using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Parley.bench.Turn;
using Parley.Media.Core;
using Parley.Media.Relay.Native;

namespace Parley.bench.Audio;

/// <summary>Debian's Janus with its AudioBridge and one room at 48 kHz, whose participants speak plain RTP. Encoded as ours: 32 kbit/s, complexity 5.</summary>
internal sealed class JanusBridge : IMixPeer
{
    private const int Room = 1;

    private readonly string _folder = Directory.CreateTempSubdirectory("parley-bench-janus-").FullName;
    private readonly Process _process;
    private readonly JanusApi _api;
    private readonly long _session;
    private readonly List<Member> _members = [];
    private readonly ReceiveBatch _batch = new();

    public JanusBridge(int participants)
    {
        WriteConfiguration();
        (_process, _api) = Start();
        _session = (long)_api.Ask(new() { ["janus"] = "create" })["data"]!["id"]!;
        for (var i = 0; i < participants; i++) Join(i, isListening: i == participants - 1);
    }

    public long CpuNanoseconds => ThreadTimes.Of(_process.Id);

    public long Received => _members.Sum(m => m.Client.Received);

    public void Send(int participant, ReadOnlySpan<byte> payload)
    {
        var member = _members[participant];
        var length = member.Client.Write(member.Queue.Reserve(), payload);
        member.Queue.Commit(length, default, member.Remote);
        member.Queue.Flush();
    }

    public void Receive()
    {
        foreach (var member in _members)
        {
            foreach (ref readonly var datagram in _batch.Receive(member.Socket)) member.Client.Take(_batch.Bytes(datagram));
        }
    }

    public float TakeLoudest()
    {
        var loudest = _members[^1].Client.Loudest;
        _members[^1].Client.Loudest = 0;
        return loudest;
    }

    public void Dispose()
    {
        _api.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        foreach (var member in _members)
        {
            member.Queue.Dispose();
            member.Socket.Dispose();
            member.Client.Dispose();
        }

        _batch.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    // Debian's 1.1.2 ends at once where its thread for the Unix socket gets to run before its own start is done with, which is now and then.
    private (Process Process, JanusApi Api) Start()
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            var process = Process.Start(new ProcessStartInfo("janus", ["-F", _folder, "-o"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            if (JanusApi.Connect(Path.Combine(_folder, "api"), () => process.HasExited) is { } api) return (process, api);
            if (!process.HasExited) process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        throw new InvalidOperationException("Janus does not start");
    }

    private void Join(int index, bool isListening)
    {
        var handle = (long)_api.Ask(new() { ["janus"] = "attach", ["session_id"] = _session, ["plugin"] = "janus.plugin.audiobridge" })["data"]!["id"]!;
        if (index == 0) Tell(handle, new() { ["request"] = "create", ["room"] = Room, ["sampling_rate"] = 48_000, ["allow_rtp_participants"] = true, ["default_bitrate"] = 32_000, ["audiolevel_event"] = false });
        var socket = UdpSocket.Open(new(IPAddress.Loopback, 0), bufferBytes: 1 << 18);
        var joined = Tell(handle, new()
        {
            ["request"] = "join",
            ["room"] = Room,
            ["quality"] = 5,
            ["rtp"] = new JsonObject { ["ip"] = "127.0.0.1", ["port"] = socket.Port, ["payload_type"] = MixClient.PayloadType, ["fec"] = true },
        });
        var remote = new IPEndPoint(IPAddress.Loopback, (int)joined["rtp"]!["port"]!);
        _members.Add(new(socket, new SendQueue(socket, capacity: 4), new MixClient((uint)(0x1000 + index), isListening), AddressKey.Of(remote)));
    }

    private JsonNode Tell(long handle, JsonObject body) => _api.Ask(new() { ["janus"] = "message", ["session_id"] = _session, ["handle_id"] = handle, ["body"] = body })["plugindata"]!["data"]!;

    // Nothing but the AudioBridge and the Unix socket.
    private void WriteConfiguration()
    {
        var libraries = Directory.EnumerateDirectories("/usr/lib", "*-linux-*").Select(d => Path.Combine(d, "janus")).FirstOrDefault(Directory.Exists) ?? "/usr/lib/janus";
        var plugins = Others(Path.Combine(libraries, "plugins"), "libjanus_audiobridge.so");
        var transports = Others(Path.Combine(libraries, "transports"), "libjanus_pfunix.so");
        File.WriteAllText(Path.Combine(_folder, "janus.jcfg"), string.Create(CultureInfo.InvariantCulture, $$"""
            general: {
              configs_folder = "{{_folder}}"
              plugins_folder = "{{libraries}}/plugins"
              transports_folder = "{{libraries}}/transports"
              events_folder = "{{_folder}}/none"
              loggers_folder = "{{_folder}}/none"
              debug_level = 2
              session_timeout = 0
            }
            plugins: { disable = "{{plugins}}" }
            transports: { disable = "{{transports}}" }
            """));
        File.WriteAllText(Path.Combine(_folder, "janus.transport.pfunix.jcfg"), $$"""
            general: { enabled = true
              json = "compact"
              path = "{{_folder}}/api"
              type = "SOCK_SEQPACKET" }
            admin: { admin_enabled = false }
            """);
        File.WriteAllText(Path.Combine(_folder, "janus.plugin.audiobridge.jcfg"), """
            general: { local_ip = "127.0.0.1" }
            """);
    }

    private static string Others(string folder, string but) => string.Join(',', Directory.EnumerateFiles(folder, "*.so").Select(Path.GetFileName).Where(f => f != but));

    private sealed record Member(UdpSocket Socket, SendQueue Queue, MixClient Client, AddressKey Remote);
}
