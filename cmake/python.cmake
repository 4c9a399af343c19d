# Finds CPython >= 3.13 to embed and makes the target kmill_python, KMILL_PYTHON_VERSION ("3.13") and
# KMILL_STDLIB (folder of os.py). Own-GIL subinterpreters that can load _decimal and _datetime exist only from 3.13 on.
#
# A static archive is linked where there is one: 1.5x faster than the shared library on list-heavy strategies.

if(KMILL_PYTHON_PREFIX)
  file(GLOB archives ${KMILL_PYTHON_PREFIX}/lib/libpython3.*.a)
  list(GET archives 0 archive)
  string(REGEX MATCH "python(3\\.[0-9]+)" _ ${archive})
  set(KMILL_PYTHON_VERSION ${CMAKE_MATCH_1})
  set(KMILL_STDLIB ${KMILL_PYTHON_PREFIX}/lib/python${KMILL_PYTHON_VERSION})
  add_library(kmill_python INTERFACE)
  target_include_directories(kmill_python SYSTEM INTERFACE ${KMILL_PYTHON_PREFIX}/include/python${KMILL_PYTHON_VERSION})
  target_link_libraries(kmill_python INTERFACE ${archive} ${KMILL_PYTHON_PREFIX}/lib/libmpdec.a m dl util Threads::Threads)
else()
  find_package(Python3 3.13 REQUIRED COMPONENTS Interpreter Development.Embed)
  set(KMILL_PYTHON_VERSION ${Python3_VERSION_MAJOR}.${Python3_VERSION_MINOR})
  set(KMILL_STDLIB ${Python3_STDLIB})
  add_library(kmill_python INTERFACE)
  target_include_directories(kmill_python SYSTEM INTERFACE ${Python3_INCLUDE_DIRS})
  execute_process(COMMAND ${Python3_EXECUTABLE} -c "import sysconfig as s; print(s.get_config_var('LIBPL') + '/libpython' + s.get_config_var('LDVERSION') + '.a')"
                  OUTPUT_VARIABLE archive OUTPUT_STRIP_TRAILING_WHITESPACE)
  execute_process(COMMAND ${Python3_EXECUTABLE} -c "import sysconfig as s; print(s.get_config_var('LIBS'), s.get_config_var('SYSLIBS'), s.get_config_var('MODLIBS') or '')"
                  OUTPUT_VARIABLE python_libs OUTPUT_STRIP_TRAILING_WHITESPACE)
  separate_arguments(python_libs)
  # An archive may be there and still not link: Debian 13's is not position-independent and lacks its SHA-2 objects.
  set(static_works NO)
  if(EXISTS ${archive})
    file(WRITE ${PROJECT_BINARY_DIR}/generated/link_python.c "#include <Python.h>\nint main(void) { Py_Initialize(); return 0; }\n")
    try_compile(static_works ${PROJECT_BINARY_DIR}/generated/link_python SOURCES ${PROJECT_BINARY_DIR}/generated/link_python.c
                CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${Python3_INCLUDE_DIRS}"
                LINK_LIBRARIES ${archive} ${python_libs} Threads::Threads)
  endif()
  if(static_works)
    target_link_libraries(kmill_python INTERFACE ${archive} ${python_libs} Threads::Threads)
  else()
    target_link_libraries(kmill_python INTERFACE Python3::Python)
  endif()
endif()
message(STATUS "CPython ${KMILL_PYTHON_VERSION}, stdlib ${KMILL_STDLIB}")

# Adds FILE to TARGET as `const char NAME[]` (and NAME_size), so that nothing has to be found at run time.
function(kmill_embed_text target file name)
  set(out ${PROJECT_BINARY_DIR}/generated/${name}.c)
  add_custom_command(OUTPUT ${out} DEPENDS ${file} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    COMMAND ${CMAKE_COMMAND} -DIN=${file} -DOUT=${out} -DNAME=${name} -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake)
  target_sources(${target} PRIVATE ${out})
endfunction()
