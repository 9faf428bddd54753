using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Upload;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.Upload;

/// <summary>The plugin on a database and a disk of its own.</summary>
internal sealed class UploadLab : IAsyncDisposable
{
    private readonly TestTables _tables = new("Upload", UploadStore.Steps);
    private readonly Scratch _scratch = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddLogging().BuildServiceProvider();
    private readonly SlotHandler _slots;
    private readonly UploadHandler _http;

    public UploadLab(UploadOptions? options = null, int? httpsPort = 5281)
    {
        Settings = options ?? new UploadOptions();
        var monitor = Options.Of(Settings);
        var server = Substitute.For<IServerInfo>();
        server.DataDirectory.Returns(_scratch.Path);
        server.HttpsPort.Returns(httpsPort);
        var store = new UploadStore(_tables.Database);
        Area = new FileArea(server);
        _slots = new SlotHandler(store, new UploadUrls(server, monitor), Use, monitor, Time);
        _http = new UploadHandler(new FileReception(store, Area, Use, monitor, Time), new FileDelivery(store, Area, Time));
        Purge = new Purge(store, Area, Use, Time, NullLogger<Purge>.Instance);
        Component = new UploadComponent(monitor, new RecordingRouter());
    }

    public UploadOptions Settings { get; }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    public UploadUse Use { get; } = new();

    public FileArea Area { get; }

    public Purge Purge { get; }

    public UploadComponent Component { get; }

    public IPluginDatabase Database => _tables.Database;

    /// <summary>Everything that lies on the disk.</summary>
    public IReadOnlyList<string> Files => Directory.GetFiles(Path.Combine(_scratch.Path, "uploads"), "*", SearchOption.AllDirectories);

    public async Task<UploadLab> StartAsync()
    {
        await _tables.WithAsync("ann@one.test", "ben@one.test");
        return this;
    }

    public async Task RemoveAsync(Jid account) => await _tables.Get<Parley.Xmpp.Server.Storage.IAccountAdministration>().RemoveAsync(account, TestContext.Current.CancellationToken);

    public async Task<Iq> RequestAsync(string name, string size, string? type = null, SenderKind kind = SenderKind.Account, string from = "ann@one.test/a", Element? purpose = null)
    {
        var request = new Element("request", "urn:xmpp:http:upload:0").Attr("filename", name).Attr("size", size).Attr("content-type", type).Add(purpose);
        return (await _slots.HandleAsync(new IqRequest(Iq.Request("get", "1", Jid.Parse(from), Jid.Parse("upload.one.test"), request), new SenderInfo(kind), "one.test"), TestContext.Current.CancellationToken)).Iq!;
    }

    /// <summary>A slot's two paths below the prefix.</summary>
    public async Task<(string Put, string Get)> SlotAsync(string name, long size, string? type = null, string from = "ann@one.test/a", Element? purpose = null)
    {
        var answer = await RequestAsync(name, size.ToString(System.Globalization.CultureInfo.InvariantCulture), type, from: from, purpose: purpose);
        Assert.True(answer.Type == "result", answer.Element.ToString());
        string PathOf(string element) => new Uri(answer.Payload!.Child(element)!["url"]!).AbsolutePath["/upload".Length..];
        return (PathOf("put"), PathOf("get"));
    }

    public Task<HttpResponse> PutAsync(string path, byte[] content, string? type = null, long? length = null) =>
        HttpAsync("PUT", path, new MemoryStream(content), r =>
        {
            r.ContentLength = length ?? content.Length;
            r.ContentType = type;
        });

    public async Task<HttpResponse> HttpAsync(string method, string path, Stream? body = null, Action<HttpRequest>? change = null)
    {
        var context = new DefaultHttpContext { RequestServices = _services };
        context.Request.Method = method;
        context.Request.Path = PathString.FromUriComponent(path);
        if (body is not null) context.Request.Body = body;
        context.Response.Body = new MemoryStream();
        change?.Invoke(context.Request);
        await _http.HandleAsync(context);
        await context.Features.Get<IHttpResponseBodyFeature>()!.CompleteAsync();
        return context.Response;
    }

    public static byte[] BodyOf(HttpResponse response) => ((MemoryStream)response.Body).ToArray();

    public async ValueTask DisposeAsync()
    {
        Purge.Dispose();
        await _services.DisposeAsync();
        await _tables.DisposeAsync();
        _scratch.Dispose();
    }
}
