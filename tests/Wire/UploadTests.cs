using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>Debian's slixmpp and aiohttp upload a file (XEP-0363).</summary>
public sealed class UploadTests : WireTest
{
    [Fact]
    public async Task A_client_finds_the_service_uploads_a_file_and_gets_it_back()
    {
        await StartAsync();
        Server.AddUser("ann@localhost", "correct horse");

        var told = PythonClient.Run(Namespace, "upload", Server.Certificate, "ann@localhost", "correct horse");

        Assert.Equal("upload.localhost", told.GetProperty("service").GetString());
        Assert.StartsWith("https://localhost:5281/upload/", told.GetProperty("url").GetString());
        Assert.EndsWith("/tr%C3%A8s%20cool.png", told.GetProperty("url").GetString());
        Assert.Equal("[200, \"image/png\", true]", told.GetProperty("get").GetRawText());
        Assert.Equal("[206, \"bytes 100-199/300000\", true]", told.GetProperty("part").GetRawText());
        Assert.Equal(400, told.GetProperty("short").GetInt32());
        Assert.Equal(404, told.GetProperty("nothing").GetInt32());
        Assert.Equal("too big", told.GetProperty("large").GetString());
    }
}
