using System.Net;
using System.Net.Sockets;

namespace Parley.Doctor.Network;

/// <summary>HTTPS at a given address, under the domain's name.</summary>
internal sealed class Web : IDisposable
{
    private readonly HttpClient _http;
    private readonly SocketsHttpHandler _handler;
    private readonly string _base;

    public Web(string domain, IPEndPoint at)
    {
        _base = $"https://{domain}{(at.Port == 443 ? "" : $":{at.Port}")}";
        _handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            ConnectTimeout = Reach.Patience,
            // What is wrong with the certificate has been found already.
#pragma warning disable CA5359
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
            ConnectCallback = async (_, ct) =>
            {
                var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(at, ct);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        _http = new HttpClient(_handler) { Timeout = TimeSpan.FromSeconds(5), MaxResponseContentBufferSize = 256 * 1024 };
    }

    /// <summary>Connections of the same kind, for WebSockets.</summary>
    public HttpMessageInvoker Invoker => _http;

    /// <summary>Gets a path.</summary>
    /// <exception cref="ReachException">There is no answer.</exception>
    public async Task<(HttpStatusCode Status, string Body, DateTimeOffset? Date)> GetAsync(string path, CancellationToken ct)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(_base + path), ct);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(ct), answer.Headers.Date);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new ReachException(e is HttpRequestException ? e.Message : "no answer in time", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _handler.Dispose();
    }
}
