using System.Text;
using System.Text.RegularExpressions;

namespace Parley.tests.Xmpp.Server.Streams.Bosh;

/// <summary>A client of BOSH by hand.</summary>
internal sealed class BoshClient(int port, bool tls = false) : IDisposable
{
    private const string Namespaces = "xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh'";

    private readonly HttpClient _http = new(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true });

    public string Sid { get; set; } = "";

    public long Rid { get; set; } = 1000;

    public async Task<string> PostAsync(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "text/xml");
        using var answer = await _http.PostAsync(new Uri($"{(tls ? "https" : "http")}://127.0.0.1:{port}/http-bind"), content);
        Assert.Equal("text/xml; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Begins a session; returns the first response.</summary>
    public async Task<string> BeginAsync(string to = "one.test", string attributes = "wait='60' hold='1'")
    {
        var answer = await PostAsync($"<body {Namespaces} rid='{Rid}' to='{to}' {attributes} ver='1.6' xmpp:version='1.0' xml:lang='en'/>");
        Sid = Regex.Match(answer, " sid='([^']*)'").Groups[1].Value;
        return answer;
    }

    /// <summary>The next request.</summary>
    public Task<string> SendAsync(string payload = "", string attributes = "") => SendAsync(++Rid, payload, attributes);

    public Task<string> SendAsync(long rid, string payload = "", string attributes = "") => PostAsync($"<body {Namespaces} sid='{Sid}' rid='{rid}' {attributes}>{payload}</body>");

    /// <summary>Logs in and binds; returns what came last.</summary>
    public async Task<string> LogInAsync(string attributes = "wait='60' hold='1'")
    {
        await BeginAsync(attributes: attributes);
        var challenge = await SendAsync($"<auth xmlns='{ScramClient.Sasl}' mechanism='SCRAM-SHA-256'>{ScramClient.Base64("n,,n=ann,r=client")}</auth>");
        var text = Encoding.UTF8.GetString(Convert.FromBase64String(Regex.Match(challenge, ">([^<]*)</challenge>").Groups[1].Value));
        var final = ScramClient.Final("SCRAM-SHA-256", "n=ann,r=client", text, "secret", "n,,", []);
        Assert.Contains("<success ", await SendAsync($"<response xmlns='{ScramClient.Sasl}'>{ScramClient.Base64(final.Message)}</response>"), StringComparison.Ordinal);
        Assert.Contains("<bind ", await SendAsync("", "xmpp:restart='true' to='one.test'"), StringComparison.Ordinal);
        return await SendAsync("<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
    }

    public void Dispose() => _http.Dispose();
}
