using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Parley.tests.Browser;

/// <summary>Chromium where nothing but TURN over TCP or TLS gets through.</summary>
public sealed class StreamRelayTests : CallTest
{
    // Keeps of the page's servers those that the test is about: everything else of the call is as it is.
    private const string Only = """
        const Native = window.RTCPeerConnection;
        window.RTCPeerConnection = class extends Native {
          constructor(config) {
            const kept = (config?.iceServers ?? []).filter((s) => s.urls.startsWith('KIND:') && s.urls.endsWith('transport=tcp'));
            super({ ...config, iceTransportPolicy: 'relay', iceServers: kept });
          }
        };
        """;

    // Two peers of one page, each of which may use nothing but its own relayed address; says what they used, and what came.
    private const string Pair = """
        (async () => {
          const config = { iceTransportPolicy: 'relay', iceServers: [{ urls: 'URL', username: 'USER', credential: 'PASSWORD' }] };
          const [a, b] = [new RTCPeerConnection(config), new RTCPeerConnection(config)];
          a.onicecandidate = (e) => e.candidate && b.addIceCandidate(e.candidate);
          b.onicecandidate = (e) => e.candidate && a.addIceCandidate(e.candidate);
          const channel = a.createDataChannel('x');
          b.ondatachannel = (e) => { e.channel.onmessage = (m) => e.channel.send('back ' + m.data); };
          await a.setLocalDescription();
          await b.setRemoteDescription(a.localDescription);
          await b.setLocalDescription();
          await a.setRemoteDescription(b.localDescription);
          const heard = await new Promise((resolve) => {
            setTimeout(() => resolve('nothing: ' + a.iceConnectionState), 12000);
            channel.onopen = () => channel.send('x'.repeat(20000));
            channel.onmessage = (m) => resolve(m.data);
          });
          const stats = [...(await a.getStats()).values()];
          const pair = stats.find((s) => s.type === 'candidate-pair' && s.nominated);
          const of = (id) => stats.find((s) => s.id === id)?.candidateType;
          a.close(); b.close();
          return { heard: heard.length > 100 ? heard.length : heard, local: of(pair?.localCandidateId), remote: of(pair?.remoteCandidateId) };
        })()
        """;

    private static readonly string[] Browser = [.. Chromium.Usual, "--ignore-certificate-errors"];

    [Theory]
    [InlineData("turn", "tcp")]
    [InlineData("turns", "tls")]
    public async Task Two_who_have_TURN_over_a_stream_alone_see_and_hear_each_other(string kind, string protocol)
    {
        var room = await StartAsync();
        var script = Only.Replace("KIND", kind, StringComparison.Ordinal);
        var all = await Task.WhenAll(room.JoinAsync("Ann", "&ice=relay", Browser, script), room.JoinAsync("Bob", "&ice=relay", Browser, script));

        foreach (var caller in all) await caller.ReceivesAsync(1, Join);
        await Task.WhenAll(all.Select(c => c.KeepsReceivingAsync(1, Watch)));
        foreach (var caller in all)
        {
            var pairs = (await caller.ViewAsync()).Pairs;
            Assert.NotEmpty(pairs);
            Assert.All(pairs, p => Assert.Equal(("relay", protocol), (p.Local, p.Protocol)));
        }
    }

    [Theory]
    [InlineData("turn:127.0.0.1:3478?transport=tcp")]
    [InlineData("turns:localhost:5349?transport=tcp")]
    [InlineData("turns:localhost:5281?transport=tcp")]
    public async Task Two_peers_with_nothing_but_relayed_addresses_of_streams_reach_each_other(string url)
    {
        var room = await StartAsync();
        var ann = await room.JoinAsync("Ann", "&ice=relay", Browser);
        var (username, password) = Credentials(room);
        var script = Pair.Replace("URL", url, StringComparison.Ordinal).Replace("USER", username, StringComparison.Ordinal).Replace("PASSWORD", password, StringComparison.Ordinal);

        var said = await ann.Script.EvaluateAsync(script);

        Assert.Equal("""{"heard":20005,"local":"relay","remote":"relay"}""", JsonSerializer.Serialize(said));
    }

    // Of an account: guests reach the media ports alone.
    private static (string Username, string Password) Credentials(CallRoom room)
    {
        var secret = File.ReadAllText(Path.Combine(room.Server.DataDirectory, "turn-secret")).Trim();
        var username = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) + ":ann";
#pragma warning disable CA5350 // The form demands SHA-1.
        return (username, Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(username))));
#pragma warning restore CA5350
    }
}
