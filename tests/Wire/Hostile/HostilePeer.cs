using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;
using Parley.tests.Lab;

namespace Parley.tests.Wire.Hostile;

/// <summary>What an attacker comes by.</summary>
public enum Carrier
{
    /// <summary>TCP without TLS.</summary>
    Plain,
    /// <summary>TLS from the first byte.</summary>
    Tls,
    /// <summary>A WebSocket.</summary>
    WebSocket,
    /// <summary>Requests that are held.</summary>
    Bosh,
}

/// <summary>An attacker with one stream on any carrier, who says what no proper client would.</summary>
internal sealed class HostilePeer : IAsyncDisposable
{
    private readonly HostileLab _lab;
    private readonly XmppTestClient? _client;
    private readonly HttpClient? _http;
    private readonly bool _ownsHttp;
    private readonly StringBuilder _heard = new();
    private long _rid = Random.Shared.Next(1, 1_000_000);
    private string _sid = "";
    private int _read;

    private HostilePeer(HostileLab lab, XmppTestClient? client, HttpClient? http, bool ownsHttp) => (_lab, _client, _http, _ownsHttp) = (lab, client, http, ownsHttp);

    /// <summary>Whether its connection is gone, or its session over.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>All that it heard.</summary>
    public string Heard => _client?.Heard ?? _heard.ToString();

    /// <summary>Connects; null where the server refuses the connection.</summary>
    public static async Task<HostilePeer?> TryConnectAsync(HostileLab lab, string from, Carrier carrier, HttpClient? shared = null)
    {
        try
        {
            return carrier switch
            {
                Carrier.Plain => new HostilePeer(lab, await XmppTestClient.ConnectAsync(lab.Namespace, address: HostileLab.Address, from: from), null, false),
                Carrier.Tls => new HostilePeer(lab, await XmppTestClient.ConnectAsync(lab.Namespace, isDirectTls: true, address: HostileLab.Address, from: from), null, false),
                Carrier.WebSocket => new HostilePeer(lab, await XmppTestClient.ConnectWebSocketAsync(
                    lab.Namespace, host: HostileLab.Address + ":5281", uri: $"wss://{HostileLab.Address}:5281/xmpp-websocket", from: from), null, false),
                _ => new HostilePeer(lab, null, shared ?? lab.Namespace.Http(from), shared is null),
            };
        }
        catch (Exception e) when (e is IOException or WebSocketException or HttpRequestException or System.Net.Sockets.SocketException)
        {
            return null;
        }
    }

    /// <summary>Connects.</summary>
    public static async Task<HostilePeer> ConnectAsync(HostileLab lab, string from, Carrier carrier) =>
        await TryConnectAsync(lab, from, carrier) ?? throw new InvalidOperationException($"{from} is refused over {carrier}.");

    /// <summary>Opens its stream, or begins its session; false if that does not come about.</summary>
    /// <param name="wait">For how many seconds its requests are held.</param>
    public async Task<bool> TryOpenAsync(int wait = 1)
    {
        try
        {
            if (_client is not null) await _client.OpenAsync();
            else
            {
                await PostAsync($"<body xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh' rid='{_rid}' to='localhost' wait='{wait}' hold='1' ver='1.6' xmpp:version='1.0'/>");
                _sid = Regex.Match(Heard, " sid='([^']*)'").Groups[1].Value;
                if (_sid.Length == 0) IsClosed = true;
            }

            return !IsClosed;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or WebSocketException or HttpRequestException)
        {
            IsClosed = true;
            return false;
        }
    }

    /// <summary>Logs in and binds.</summary>
    public async Task LogInAsync(string user)
    {
        Assert.True(await TryOpenAsync(), Heard);
        if (_client is not null)
        {
            await _client.LoginWithPasswordAsync(user, HostileLab.Password);
            return;
        }

        await SayAsync($"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{user}\0{HostileLab.Password}"))}</auth>");
        await HearAsync("<success ");
        await SayAsync("", "xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh' to='localhost'");
        await SayAsync("<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        await HearAsync("<jid>");
    }

    /// <summary>Says something; over BOSH in a request, and waits for its response.</summary>
    public Task SayAsync(string xml, string attributes = "") =>
        _client is not null ? _client.SendAsync(xml) : PostAsync($"<body xmlns='http://jabber.org/protocol/httpbind' sid='{_sid}' rid='{++_rid}' {attributes}>{xml}</body>");

    /// <summary>Sends a request as it is.</summary>
    public async Task PostAsync(string body)
    {
        try
        {
            using var content = new StringContent(body, Encoding.UTF8, "text/xml");
            using var answer = await _http!.PostAsync(new Uri($"https://{HostileLab.Address}:5281/http-bind"), content);
            var text = await answer.Content.ReadAsStringAsync();
            lock (_heard) _heard.Append(text);
            if (text.Contains("type='terminate'", StringComparison.Ordinal) || !answer.IsSuccessStatusCode) IsClosed = true;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            IsClosed = true;
        }
    }

    /// <summary>Waits for something that it did not hear before.</summary>
    public async Task<Match> HearAsync(string pattern, TimeSpan? within = null)
    {
        if (_client is not null) return await _client.HearAsync(pattern, within);
        using var over = new CancellationTokenSource(within ?? TimeSpan.FromSeconds(10));
        while (true)
        {
            var match = Regex.Match(Heard[_read..], pattern);
            if (match.Success)
            {
                _read += match.Index + match.Length;
                return match;
            }

            if (IsClosed || over.IsCancellationRequested) throw new InvalidOperationException($"'{pattern}' did not come. Heard: {Heard}");
            await SayAsync("");
        }
    }

    /// <summary>Waits until it is thrown out; returns all that it heard.</summary>
    public async Task<string> HearEndAsync(TimeSpan? within = null) => _client is null ? Heard : await _client.HearEndAsync(within);

    public async ValueTask DisposeAsync()
    {
        if (_client is not null) await _client.DisposeAsync();
        if (_ownsHttp) _http?.Dispose();
    }
}

/// <summary>What the log says.</summary>
internal static class ServerLog
{
    /// <summary>The warnings of a limit from a line on that name somebody.</summary>
    public static IReadOnlyList<string> Warnings(this HostileLab lab, int from, string whom) =>
        [.. lab.Server.Command.Text.Split('\n').Skip(from).Where(l => l.Contains(" warn: ", StringComparison.Ordinal) && l.Contains("Limit met by " + whom, StringComparison.Ordinal))];

    /// <summary>All lines from one on that are worse than information.</summary>
    public static IReadOnlyList<string> Complaints(this HostileLab lab, int from) =>
        [.. lab.Server.Command.Text.Split('\n').Skip(from).Where(l => Regex.IsMatch(l, " (warn|fail|crit): ", RegexOptions.CultureInvariant))];

    /// <summary>An address of the lab.</summary>
    public static string Host(int number) => string.Create(CultureInfo.InvariantCulture, $"10.99.0.{number}");
}
