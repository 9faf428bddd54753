using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Parley.tests.Wire.Hostile;

/// <summary>
/// The attacks that every public server meets, at their full figures, over every carrier, while honest people chat: nobody of them is refused or disconnected, no message is lost or takes long,
/// the server's memory stays bounded, and the log says once what is limited and who it is.
/// </summary>
[Collection(AloneTests.Name)]
public sealed class HostilePeersTests(HostileLab lab) : IClassFixture<HostileLab>, IDisposable
{
    private static readonly Carrier[] Secure = [Carrier.Tls, Carrier.WebSocket, Carrier.Bosh];

    private readonly int _from = lab.Server.Command.Count;

    private static string Entities => "<!DOCTYPE a [<!ENTITY a0 'lol'>" + string.Concat(Enumerable.Range(1, 9).Select(i => $"<!ENTITY a{i} '{string.Concat(Enumerable.Repeat($"&a{i - 1};", 10))}'>")) + "]><a>&a9;</a>";

    private static readonly string[] Bombs =
    [
        Entities,
        $"<!DOCTYPE a [<!ENTITY b '{new string('b', 100_000)}'>]><a>{string.Concat(Enumerable.Repeat("&b;", 10_000))}</a>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
        string.Concat(Enumerable.Repeat("<a xmlns='x'>", 20_000)),
        $"<a xmlns='x' {string.Concat(Enumerable.Range(0, 5_000).Select(i => $"b{i}='' "))}/>",
        $"<a xmlns='x' {string.Concat(Enumerable.Range(0, 5_000).Select(i => $"xmlns:b{i}='{i}' "))}/>",
        $"<a xmlns='x' b='{new string('b', 300_000)}'/>",
        $"<{new string('n', 300_000)}/>",
        $"<a xmlns='x'>{string.Concat(Enumerable.Repeat("<b/>", 80_000))}</a>",
    ];

    [Fact]
    public async Task XML_bombs()
    {
        var here = ServerLog.Host(20);
        await using var crowd = await HonestCrowd.GatherAsync(lab, here, (HostileLab.Work, "eve"), (here, "fay"));
        await crowd.EndureAsync(() => Task.WhenAll(Secure.Select((carrier, i) => Task.Run(async () =>
        {
            var bombs = Enumerable.Repeat(Bombs, HostileLab.IsLong ? 20 : 3).SelectMany(b => b);
            await Parallel.ForEachAsync(bombs, new ParallelOptions { MaxDegreeOfParallelism = 10 }, async (bomb, _) =>
            {
                await using var stranger = await HostilePeer.ConnectAsync(lab, here, carrier);
                Assert.True(await stranger.TryOpenAsync(), stranger.Heard);
                await ExplodeAsync(stranger, bomb);
            });
            await Parallel.ForEachAsync(Bombs, new ParallelOptions { MaxDegreeOfParallelism = 10 }, async (bomb, _) =>
            {
                await using var insider = await HostilePeer.ConnectAsync(lab, here, carrier);
                await insider.LogInAsync($"mal1{i}");
                await ExplodeAsync(insider, bomb);
            });
        }))));
        AssertTold(here, "entities", 4);
        AssertTold(here, "beyond the bounds of size", 4);
        for (var i = 0; i < 3; i++) AssertTold($"mal1{i}@localhost", "(entities|beyond the bounds)", 4);
    }

    [Fact]
    public async Task Slowloris()
    {
        var here = ServerLog.Host(21);
        await using var crowd = await HonestCrowd.GatherAsync(lab, here, (HostileLab.Work, "eve"), (here, "fay"));
        await crowd.EndureAsync(async () =>
        {
            var http = "POST /http-bind HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: 100000\r\n\r\n<body ";
            var upgrade = "GET /xmpp-websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n";
            var drip = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' " + new string(' ', 1000);
            byte[] frame = [0x81, 0xFE, 0x03, 0xE8, 0, 0, 0, 0, .. Encoding.ASCII.GetBytes("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' ")];
            (int Port, bool IsTls, byte[] First, int Count)[] ways =
            [
                (5222, false, [], 60), (5222, false, Encoding.ASCII.GetBytes(drip[..40]), 60), (5223, false, [0x16, 0x03, 0x01], 40), (5223, true, Encoding.ASCII.GetBytes(drip[..40]), 20),
                (5280, false, Encoding.ASCII.GetBytes("GET / HT"), 60), (5281, false, [0x16, 0x03, 0x01], 40), (5281, true, Encoding.ASCII.GetBytes("GET / HT"), 20),
                (5281, true, Encoding.ASCII.GetBytes(http), 20), (5281, true, [.. Encoding.ASCII.GetBytes(upgrade), .. frame], 20),
            ];
            var slow = ways.SelectMany(w => Enumerable.Range(0, w.Count).Select(_ => Task.Run(() => DripAsync(here, w.Port, w.IsTls, w.First)))).ToArray();
            // Longer than each limit together with the goodbyes; each must have been thrown out by then.
            await Task.WhenAll(slow).WaitAsync(HostileLab.LogInTime + TimeSpan.FromSeconds(12), TestContext.Current.CancellationToken);
        });
        AssertTold(here, "did not log in or say what they want in time", 3);
    }

    [Fact]
    public async Task A_thousand_half_open_streams_from_one_address()
    {
        var here = ServerLog.Host(22);
        await using var crowd = await HonestCrowd.GatherAsync(lab, here, (HostileLab.Work, "eve"));
        var peers = new System.Collections.Concurrent.ConcurrentBag<HostilePeer>();
        await crowd.EndureAsync(async () =>
        {
            using var http = lab.Namespace.Http(here);
            foreach (var carrier in (Carrier[])[Carrier.Plain, Carrier.Bosh, Carrier.WebSocket])
            {
                var count = carrier == Carrier.WebSocket && !HostileLab.IsLong ? 300 : 1000;
                await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (_, _) =>
                {
                    if (await HostilePeer.TryConnectAsync(lab, here, carrier, http) is not { } peer) return;
                    peers.Add(peer);
                    await peer.TryOpenAsync(wait: 60);
                });
            }

            // Those that made room have said goodbye within seconds; people have a few streams.
            var streams = 0.0;
            for (var i = 0; i < 80 && (streams = await lab.MetricAsync("parley_streams")) > 220; i++) await Task.Delay(100, TestContext.Current.CancellationToken);
            Assert.InRange(streams, 100, 220);
            // Behind the same address one can log in while they are all there.
            for (var i = 0; i < 3; i++)
            {
                await using var neighbour = await HonestClient.LogInAsync(lab.Namespace, here, "fay", TestContext.Current.CancellationToken);
            }
        });
        foreach (var peer in peers) await peer.DisposeAsync();
        AssertTold(here, "have not logged in", 3);
        AssertTold(here, "connections come too fast", 3);
    }

    [Fact]
    public async Task SCRAM_brute_force()
    {
        var here = ServerLog.Host(23);
        await using var crowd = await HonestCrowd.GatherAsync(lab, here, (HostileLab.Work, "eve"), (here, "fay"));
        var answers = new System.Collections.Concurrent.ConcurrentBag<string>();
        var began = Stopwatch.GetTimestamp();
        await crowd.EndureAsync(async () =>
        {
            // A thousand guesses at Ann's password, and three hundred at others'.
            await GuessAsync(here, Enumerable.Repeat("ann", 1000), answers);
            var spent = Stopwatch.GetElapsedTime(began).TotalSeconds;
            Assert.InRange(answers.Count(a => a == "not-authorized"), 20, 22 + (int)(spent / 20));
            Assert.Equal(1000, answers.Count);
            await GuessAsync(here, Enumerable.Range(0, 300).Select(i => $"mal{i % 15}"), answers);
            // Ann herself comes in from a place where she never was.
            await using var ann = await HonestClient.LogInAsync(lab.Namespace, HostileLab.Elsewhere, "ann", TestContext.Current.CancellationToken);
        });
        AssertTold(here + " as ann@localhost", "too many wrong passwords", 2);
        Assert.InRange(lab.Warnings(_from, here + " as").Count, 1, 25);
    }

    [Fact]
    public async Task Stanza_floods()
    {
        var here = ServerLog.Host(24);
        await using var crowd = await HonestCrowd.GatherAsync(lab, here, (HostileLab.Work, "eve"), (here, "fay"));
        var seconds = HostileLab.IsLong ? 60 : 3;
        var began = Stopwatch.GetTimestamp();
        await crowd.EndureAsync(() => Task.WhenAll(Secure.Select((carrier, i) => Task.Run(async () =>
        {
            await using var peer = await HostilePeer.ConnectAsync(lab, here, carrier);
            await peer.LogInAsync($"mal{i}");
            await peer.SayAsync($"<presence xmlns='jabber:client' to='{HonestCrowd.Room}/mal{i}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
            using var over = new CancellationTokenSource();
            // On a machine that is busy it takes longer until it is too much.
            var ending = EndAsync($"mal{i}@", seconds, over);
            for (var n = 0; !over.IsCancellationRequested && !peer.IsClosed; n++)
            {
                string[] flood =
                [
                    .. Enumerable.Repeat("<iq xmlns='jabber:client' type='result' id='d'/>", 50),
                    $"<message xmlns='jabber:client' type='chat' to='ben@localhost' id='f{i}-{n}'><body>flood</body></message>",
                    $"<message xmlns='jabber:client' type='groupchat' to='{HonestCrowd.Room}' id='g{i}-{n}'><body>flood</body></message>",
                    $"<message xmlns='jabber:client' type='chat' to='mel@localhost' id='o{i}-{n}'><body>flood</body></message>",
                    "<r xmlns='urn:xmpp:sm:3'/>",
                ];
                if (carrier == Carrier.WebSocket)
                {
                    foreach (var one in flood) await WithinAsync(() => peer.SayAsync(one), over.Token);
                }
                else await WithinAsync(() => peer.SayAsync(string.Concat(flood)), over.Token);
            }

            await ending;
        }))));
        // Each of the three accounts has its burst and then its pace, in all that it sends.
        var most = (3 * 1000) + (int)(3 * 100 * (Stopwatch.GetElapsedTime(began).TotalSeconds + 1));
        Assert.InRange(crowd.People[1].From.Where(f => f.Key.StartsWith("mal", StringComparison.Ordinal)).Sum(f => f.Value), 10, most);
        for (var i = 0; i < 3; i++) AssertTold($"mal{i}@localhost", "sends too much at once", 3);
    }

    [Fact]
    public async Task Huge_presences()
    {
        var here = ServerLog.Host(25);
        await using var crowd = await HonestCrowd.GatherAsync(lab, here, (HostileLab.Work, "eve"), (here, "fay"));
        var huge = $"<presence xmlns='jabber:client'><status>{new string('x', 250_000)}</status></presence>";
        await crowd.EndureAsync(() => Task.WhenAll(Secure.Select((carrier, i) => Task.Run(async () =>
        {
            var user = $"mal{i + 3}";
            await using var peer = await HostilePeer.ConnectAsync(lab, here, carrier);
            await peer.LogInAsync(user);
            await peer.SayAsync("<presence xmlns='jabber:client'/>");
            foreach (var one in crowd.People)
            {
                await one.SayAsync($"<presence type='subscribe' to='{user}@localhost'/>");
                await peer.SayAsync($"<presence xmlns='jabber:client' type='subscribed' to='{one.Jid}'/>");
            }

            await peer.SayAsync(huge);
            await peer.HearAsync("<policy-violation ");
            using var over = new CancellationTokenSource(TimeSpan.FromSeconds(HostileLab.IsLong ? 60 : 3));
            for (var n = 0; !over.IsCancellationRequested && !peer.IsClosed; n++)
            {
                await WithinAsync(() => peer.SayAsync(huge), over.Token);
                await WithinAsync(() => peer.SayAsync(huge.Replace("<presence ", $"<presence to='{crowd.People[n % 3].Jid}' ", StringComparison.Ordinal)), over.Token);
                await WithinAsync(() => peer.SayAsync(huge.Replace("<presence ", $"<presence to='{HonestCrowd.Room}/{user}' ", StringComparison.Ordinal)), over.Token);
            }
        }))), TimeSpan.FromMilliseconds(200));
        Assert.All(crowd.People, p => Assert.True(p.Presences.DefaultIfEmpty().Max() < 17_000, $"{p.User} got {p.Presences.Max()} bytes of presence"));
        for (var i = 0; i < 3; i++) AssertTold($"mal{i + 3}@localhost", "a presence was too large", 2);
    }

    [Fact]
    public async Task MUC_join_floods()
    {
        var here = ServerLog.Host(26);
        await using var crowd = await HonestCrowd.GatherAsync(lab, here, (HostileLab.Work, "eve"), (here, "fay"));
        await crowd.EndureAsync(() => Task.WhenAll(Secure.Select((carrier, i) => Task.Run(async () =>
        {
            var user = $"mal{i + 6}";
            await using var peer = await HostilePeer.ConnectAsync(lab, here, carrier);
            await peer.LogInAsync(user);
            for (var n = 0; n < 1000 && !peer.IsClosed; n += 10)
            {
                var batch = Enumerable.Range(n, 10).Select(j => $"<presence xmlns='jabber:client' to='{HonestCrowd.Room}/{user}-{j}'><x xmlns='http://jabber.org/protocol/muc'/></presence>").ToArray();
                if (carrier == Carrier.WebSocket)
                {
                    foreach (var one in batch) await peer.SayAsync(one);
                }
                else await peer.SayAsync(string.Concat(batch));
            }

            await peer.HearAsync("<resource-constraint ");
            if (carrier != Carrier.Tls) return;
            // And rooms of its own, more than it may have.
            await using var maker = await HostilePeer.ConnectAsync(lab, here, carrier);
            await maker.LogInAsync("mal9");
            await maker.SayAsync(string.Concat(Enumerable.Range(0, 300).Select(j => $"<presence to='made{j}@rooms.localhost/mal'><x xmlns='http://jabber.org/protocol/muc'/></presence>")));
            await maker.HearAsync("<resource-constraint ");
        }))));
        for (var i = 0; i < 3; i++) AssertTold($"mal{i + 6}@localhost", "enters rooms too often", 2);
        AssertTold("mal9@localhost", "(as many rooms as it may|enters rooms too often)", 2);
    }

    public void Dispose()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed) TestContext.Current.TestOutputHelper?.WriteLine("--- server\n" + string.Join('\n', lab.Server.Command.Text.Split('\n').Skip(_from)));
    }

    // What a bomb earns: a stream error, or over HTTP the end of its session; and never its content.
    private static async Task ExplodeAsync(HostilePeer peer, string bomb)
    {
        await peer.SayAsync(bomb);
        var heard = await peer.HearEndAsync();
        Assert.True(peer.IsClosed || Regex.IsMatch(heard, "<(restricted-xml|policy-violation|not-well-formed|bad-format)[ /]"), heard);
        Assert.DoesNotContain("root:", heard);
    }

    // A byte now and then until the server has had enough.
    private async Task DripAsync(string from, int port, bool isTls, byte[] first)
    {
        try
        {
            using var socket = await lab.Namespace.ConnectAsync(new IPEndPoint(IPAddress.Parse(HostileLab.Address), port), from);
            await using var tcp = new NetworkStream(socket);
            Stream stream = tcp;
            if (isTls)
            {
                var tls = new SslStream(tcp);
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, _, _, _) => true });
                stream = tls;
            }

            await stream.WriteAsync(first);
            var reading = Task.Run(async () =>
            {
                var buffer = new byte[4096];
                while (await stream.ReadAsync(buffer) > 0)
                {
                }
            });
            while (!reading.IsCompleted)
            {
                await Task.WhenAny(reading, Task.Delay(200));
                if (!reading.IsCompleted) await stream.WriteAsync(" "u8.ToArray());
            }
        }
        catch (Exception e) when (e is IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            // Thrown out.
        }
    }

    private async Task GuessAsync(string from, IEnumerable<string> users, System.Collections.Concurrent.ConcurrentBag<string> answers)
    {
        var groups = users.Chunk(5).Select((g, i) => (Users: g, Carrier: Secure[i % 3])).ToArray();
        await Parallel.ForEachAsync(groups, new ParallelOptions { MaxDegreeOfParallelism = 10 }, async (group, _) =>
        {
            await using var peer = await HostilePeer.ConnectAsync(lab, from, group.Carrier);
            Assert.True(await peer.TryOpenAsync(), peer.Heard);
            foreach (var user in group.Users)
            {
                await peer.SayAsync($"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>{Convert.ToBase64String(Encoding.UTF8.GetBytes($"n,,n={user},r=guess"))}</auth>");
                var answer = await peer.HearAsync("<challenge [^>]*>([^<]*)<|<(temporary-auth-failure)");
                if (answer.Groups[2].Success)
                {
                    answers.Add(answer.Groups[2].Value);
                    continue;
                }

                var nonce = Encoding.UTF8.GetString(Convert.FromBase64String(answer.Groups[1].Value)).Split(',')[0];
                await peer.SayAsync($"<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{Convert.ToBase64String(Encoding.UTF8.GetBytes($"c=biws,{nonce},p={Convert.ToBase64String(new byte[32])}"))}</response>");
                answers.Add((await peer.HearAsync("<(not-authorized|temporary-auth-failure|success)")).Groups[1].Value);
            }
        });
    }

    private async Task EndAsync(string told, int seconds, CancellationTokenSource over)
    {
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        for (var i = 0; i < 300 && lab.Warnings(_from, told).Count == 0; i++) await Task.Delay(100);
        await over.CancelAsync();
    }

    private static async Task WithinAsync(Func<Task> say, CancellationToken ct)
    {
        if (ct.IsCancellationRequested) return;
        try
        {
            await say().WaitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            // It waits for the server, which reads it slowly.
        }
    }

    // Clear, and not a flood of its own.
    private void AssertTold(string whom, string what, int most)
    {
        var told = lab.Warnings(_from, whom).Where(l => Regex.IsMatch(l, what)).ToArray();
        Assert.True(told.Length >= 1 && told.Length <= most, $"{told.Length} lines about {whom} {what}:\n{string.Join('\n', lab.Complaints(_from))}");
        Assert.DoesNotContain(lab.Complaints(_from), l => l.Contains(" fail: ", StringComparison.Ordinal) || l.Contains(" crit: ", StringComparison.Ordinal));
    }
}
