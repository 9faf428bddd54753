using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Parley.Server.Host.Http;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Commands;

/// <summary>A server that runs on this machine with the same configuration, asked over loopback.</summary>
internal sealed class RunningServer : IDisposable
{
    private readonly XmppServerSettings _settings;
    private readonly HttpClient _http;

    public RunningServer(XmppServerSettings settings)
    {
        _settings = settings;
        // The certificate bears the server's names, not this address, and the key that matters is in the data directory.
#pragma warning disable CA5400, CA5359
        _http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true }, UseProxy = false });
#pragma warning restore CA5400, CA5359
        _http.Timeout = TimeSpan.FromSeconds(30);
        _http.BaseAddress = new Uri(settings.Listeners.Http.Port > 0 ? $"http://{Host}:{settings.Listeners.Http.Port}" : $"https://{Host}:{settings.Listeners.Https.Port}");
    }

    // Whatever the server is bound to, it listens on loopback for this; bound to a loopback address of its own, at that alone.
    private string Host => !_settings.IsLoopbackOnly ? "localhost" : _settings.BindAddress.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{_settings.BindAddress}]" : _settings.BindAddress.ToString();

    /// <summary>Reads its figures.</summary>
    public async Task<JsonElement> ReadStatusAsync(CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, HttpPaths.Status);
        return (await SendAsync(request, ct)).Answer;
    }

    /// <summary>Changes a plugin; the message says what came of it.</summary>
    public Task<(bool Ok, string Message)> ChangePluginAsync(string name, string verb, CancellationToken ct) => AskAsync($"{HttpPaths.Plugins}/{Uri.EscapeDataString(name)}/{verb}", ct);

    /// <summary>Asks for something that needs the key; the message says what came of it.</summary>
    public async Task<(bool Ok, string Message)> AskAsync(string path, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        var key = AdministrationKey.ReadHeader(_settings.DataDirectory) ?? throw new StartFailureException("Server:DataDirectory", $"{_settings.DataDirectory} has no key of a running server that this user may read.");
        request.Headers.Authorization = AuthenticationHeaderValue.Parse(key);
        var (ok, answer) = await SendAsync(request, ct);
        return (ok, answer.GetProperty("message").GetString() ?? "");
    }

    public void Dispose() => _http.Dispose();

    private async Task<(bool Ok, JsonElement Answer)> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        try
        {
            using var response = await _http.SendAsync(request, ct);
            var text = await response.Content.ReadAsStringAsync(ct);
            if (text.Length == 0) throw new StartFailureException("Listeners:Http:Port", $"what answers at {_http.BaseAddress} is no Parley of this version ({(int)response.StatusCode}).");
            return (response.IsSuccessStatusCode, JsonDocument.Parse(text).RootElement);
        }
        catch (HttpRequestException e)
        {
            throw new StartFailureException("Listeners:Http:Port", $"no server answers at {_http.BaseAddress} ({e.Message}); is it running?", e);
        }
        catch (JsonException e)
        {
            throw new StartFailureException("Listeners:Http:Port", $"what answers at {_http.BaseAddress} is no Parley.", e);
        }
    }
}
