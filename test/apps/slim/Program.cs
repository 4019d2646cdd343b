// The slim builder leaves the IIS integration out: such an app listens where ASPNETCORE_URLS says and checks no token.
var app = WebApplication.CreateSlimBuilder(args).Build();
app.MapGet("/", () => "slim");
app.MapPost("/echo", async (HttpRequest request, HttpResponse response) => await request.Body.CopyToAsync(response.Body));
app.Run();
